// Whoever sees little reads the page as well: WCAG 2.2 asks for a contrast of 4.5 between text and what is behind it.
import { expect, test } from 'vitest'
import { renderPage } from './page.ts'

const page = renderPage({ title: 't', heading: 'h', level: 'fine', intro: '', tabs: [] })
const [light = '', dark = ''] = page.split('@media (prefers-color-scheme: dark)')

type Colour = readonly number[]
const read = (hex: string): Colour => [1, 3, 5, 7].map(at => Number.parseInt(hex.slice(at, at + 2) || 'ff', 16))
const lay = (over: Colour, under: Colour): Colour =>
  [0, 1, 2].map(at => ((over[at] ?? 0) * (over[3] ?? 255) + (under[at] ?? 0) * (255 - (over[3] ?? 255))) / 255)
function luminance(colour: Colour): number {
  const [r = 0, g = 0, b = 0] = colour.map(one => (one <= 10.3 ? one / 3294 : ((one / 255 + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(one: Colour, other: Colour): number {
  const [a = 0, b = 0] = [luminance(one), luminance(other)].sort((x, y) => y - x)
  return (a + 0.05) / (b + 0.05)
}

const find = (style: string, pattern: RegExp): string => pattern.exec(style)?.[1] ?? ''

test.each([
  // The page of a browser in each scheme, and its text.
  ['light', light, '#ffffff', '#000000'],
  ['dark', dark, '#121212', '#ffffff'],
])('what is read in the %s', (_, style, back, text) => {
  for (const name of ['error', 'warning', 'fine'])
    expect(contrast(read(find(style, new RegExp(`--${name}: (#\\w{6})`))), read(back)), name).toBeGreaterThan(4.5)
  const frame = lay(read(find(light, /--soft: (#\w{4})/).replace(/\w/g, '$&$&')), read(back))
  const mark = lay(read(find(style, /--mark: (#\w{8})/)), frame)
  expect(contrast(read(text), mark), 'mark').toBeGreaterThan(4.5)
  const alpha = Math.round(Number(find(page, /\.number \{[^}]*opacity: ([\d.]+)/)) * 255)
  expect(contrast(lay([...read(text).slice(0, 3), alpha], frame), frame), 'number').toBeGreaterThan(4.5)
})
