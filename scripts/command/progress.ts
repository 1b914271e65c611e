// Shows what a long command is doing, on stderr: a moving line on a terminal, plain lines elsewhere, and the time of each step.

import { styleText } from 'node:util'

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface StepTime {
  readonly title: string
  readonly seconds: number
  readonly failed: boolean
}

export interface Progress {
  /** Runs one step; steps may run side by side. */
  step<T>(title: string, run: (note: (text: string) => void) => Promise<T>): Promise<T>
  info(text: string): void
  warn(text: string): void
  readonly times: readonly StepTime[]
  /** What is being done at this moment, for the message after Ctrl-C. */
  readonly current: readonly string[]
  close(): void
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** A duration for people: `0.4 s`, `12 s`, `2 min 5 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

export function createProgress(output: Output = process.stderr, now: () => number = () => performance.now()): Progress {
  const active = new Map<symbol, { title: string; note: string; start: number }>()
  const times: StepTime[] = []
  const moving = output.isTTY === true
  let frame = 0
  let timer: NodeJS.Timeout | undefined

  const clear = () => moving && active.size > 0 && output.write('\r\u001b[K')
  const draw = () => {
    if (!moving || active.size === 0) return
    const parts = [...active.values()].map(({ title, note, start }) => {
      const seconds = Math.floor((now() - start) / 1000)
      return `${title}${note ? `: ${note}` : ''} (${seconds} s)`
    })
    // A terminal that does not know its width says 0.
    const width = Math.max((output.columns || 80) - 3, 10)
    output.write(`\r\u001b[K${frames[frame++ % frames.length]} ${parts.join('; ').slice(0, width)}`)
  }
  const line = (text: string) => {
    clear()
    output.write(`${text}\n`)
    draw()
  }
  const paint = (style: 'green' | 'red' | 'yellow', text: string) =>
    moving ? styleText(style, text, { validateStream: false }) : text

  return {
    times,
    get current() {
      return [...active.values()].map(({ title }) => title)
    },
    async step(title, run) {
      const key = Symbol(title)
      const entry = { title, note: '', start: now() }
      active.set(key, entry)
      if (moving) {
        timer ??= setInterval(draw, 120).unref()
        draw()
      } else output.write(`  ${title} ...\n`)
      const finish = (failed: boolean) => {
        const seconds = (now() - entry.start) / 1000
        times.push({ title, seconds, failed })
        clear()
        active.delete(key)
        if (active.size === 0 && timer) {
          clearInterval(timer)
          timer = undefined
        }
        const mark = failed ? paint('red', '✗') : paint('green', '✓')
        output.write(`${mark} ${title}${entry.note ? `: ${entry.note}` : ''} (${formatSeconds(seconds)})\n`)
        draw()
      }
      try {
        const result = await run(text => {
          entry.note = text
        })
        finish(false)
        return result
      } catch (error) {
        finish(true)
        throw error
      }
    },
    info: line,
    warn: text => line(`${paint('yellow', '!')} ${text}`),
    close() {
      clear()
      if (timer) clearInterval(timer)
      active.clear()
    },
  }
}
