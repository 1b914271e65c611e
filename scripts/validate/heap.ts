// Holds back V8's heap where a tree is large: by itself it waits with collecting until it has grown to several times of what
// is in use, and a run of much data then takes the memory of two.
import { setFlagsFromString } from 'node:v8'

/** Bytes; below, nobody feels the garbage, and collecting it more often would take time. */
const LARGE = 64 * 1024 * 1024

/** From now on the heap grows by two fifths of what is in use before it is collected. */
export function growSlowly(): void {
  if (process.memoryUsage().heapUsed > LARGE) setFlagsFromString('--heap-growing-percent=40')
}
