// The workflows that need a checkout alone; those that need a container engine are in tests/cluster.
import { testWorkflows } from './run-workflows.ts'

testWorkflows('without an engine')
