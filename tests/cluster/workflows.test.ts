// The jobs that need a container engine; the others are in tests/checkout.
import { testJobs } from '../checkout/workflow-runner.ts'

testJobs(true, {})
