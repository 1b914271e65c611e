// The person in front of a command, or the pipe: what is printed, what is noted, what is asked.
import { createInterface } from 'node:readline'
import { Problem } from './problem.ts'

export interface Terminal {
  readonly isInteractive: boolean
  readonly hasColor: boolean
  print(text: string): void
  note(text: string): void
  ask(question: string): Promise<boolean>
}

export function openTerminal(): Terminal {
  return {
    // stdout may be a pipe: what is asked goes to stderr.
    isInteractive: Boolean(process.stdin.isTTY),
    hasColor: hasColor(),
    print: text => void process.stdout.write(text),
    note: text => void process.stderr.write(`${text}\n`),
    ask,
  }
}

function hasColor(): boolean {
  if (process.env.NO_COLOR) return false
  if (process.env.FORCE_COLOR) return process.env.FORCE_COLOR !== '0'
  return process.stdout.isTTY === true
}

/** Ctrl-D is no. Ctrl-C is a Problem that ends the command as the shell expects it. */
async function ask(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      prompt.once('SIGINT', () => reject(new Problem('nothing written', { exitCode: 130 })))
      prompt.once('close', () => resolve('\n'))
      prompt.question(`${question} [y/N] `, resolve)
    })
    if (answer === '\n') process.stderr.write(answer)
    return /^y(?:es)?$/i.test(answer.trim())
  } finally {
    prompt.close()
  }
}
