// The workflows that need a container engine; the others are in tests/checkout.
import { testWorkflows } from '../checkout/run-workflows.ts'

testWorkflows('with an engine')
