// Counts what a limit of time or of the machine cut short: another run may come to its end, so nobody keeps what came of it.

let count = 0

export function noteStopped(): void {
  count++
}

export const countStopped = (): number => count
