// Options that several cluster commands read in one way.
import { type Values, text, texts } from '../command/frame.ts'
import { usageProblem } from '../command/problem.ts'
import { holdsCredentials } from '../command/credentials.ts'

/** The URL of a Git repository; not printed where it is refused. */
export function repositoryUrl(values: Values, name: string): string | undefined {
  const value = text(values, name)
  if (value === undefined || !holdsCredentials(value)) return value
  throw usageProblem(
    `--${name}: the URL has a password or a token in it, which everybody could read who may see the Application`,
    'Give the URL alone. Argo CD reads a private repository with a Secret of its namespace: https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#repositories',
    'That password or token is in the history of this shell now. Better revoke it.',
  )
}

/** A port number. */
export function port(values: Values, name: string): number | undefined {
  const value = text(values, name)
  if (value === undefined) return undefined
  const number = Number(value)
  if (Number.isInteger(number) && number >= 1 && number <= 65_526) return number
  throw usageProblem(`--${name} ${value}: a number from 1 to 65526`)
}

/** NAME=VALUE pairs of --build-arg; NAME alone takes the value from the environment, as with docker. An empty one is left out. */
export function buildArguments(values: Values): readonly string[] {
  const given = texts(values, 'build-arg').filter(Boolean)
  const wrong = given.find(argument => !/^[A-Za-z_][A-Za-z0-9_]*(=|$)/.test(argument))
  if (wrong !== undefined) throw usageProblem(`--build-arg ${wrong}: NAME=VALUE`)
  return given
}
