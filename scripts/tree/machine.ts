// The machine that everything is rendered on, described once.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Machine } from './bundled.ts'

const modulesFolder = fileURLToPath(new URL('../../node_modules', import.meta.url))

/** This machine, with the packages and the cache of this checkout. */
export const describeMachine = (environment: Machine['environment'] = process.env): Machine => ({
  platform: `${process.platform}-${process.arch}`,
  environment,
  modulesFolder,
  cacheFolder: join(modulesFolder, '.cache', 'validate'),
})
