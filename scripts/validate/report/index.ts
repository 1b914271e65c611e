// The output formats by name.
import github from './github.ts'
import html from './html.ts'
import json from './json.ts'
import junit from './junit.ts'
import markdown from './markdown.ts'
import type { Format } from './report.ts'
import sarif from './sarif.ts'
import stylish from './stylish.ts'

export const FORMATS: Readonly<Record<string, Format>> = { stylish, json, github, sarif, junit, markdown, html }

/** Formats that are read elsewhere than they are made: their paths begin at the top of the checkout. */
export const FOR_CHECKOUT: ReadonlySet<string> = new Set(['github', 'sarif', 'markdown', 'junit', 'html'])
