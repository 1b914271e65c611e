// The one error a person meets: what cannot be done, and what to do instead.

/** 1: the change was worked out and is refused. 2: the command, the file or the machine is not as it must be. 130: interrupted. */
export class Refusal extends Error {
  readonly exitCode: 1 | 2 | 130

  constructor(message: string, exitCode: 1 | 2 | 130 = 1) {
    super(message)
    this.name = 'Refusal'
    this.exitCode = exitCode
  }
}

/** For arguments: the message, and where the usage is. */
export const refuseUsage = (message: string): Refusal => new Refusal(`${message}\n(--help shows the usage)`, 2)
