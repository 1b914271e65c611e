#!/usr/bin/env node
// npm run validate: judges a GitOps tree without a cluster and without a network.
import { enableCompileCache } from 'node:module'

enableCompileCache?.()
const { main } = await import('./validate/cli.ts')
process.exitCode = await main(process.argv.slice(2))
