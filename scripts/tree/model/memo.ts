// What is read of an object is asked for by many in a row, and then by nobody: it is kept for a while.

/** So many objects, at most. */
const MOST = 200

/** The function, which does not make anew what it made of one of the last objects. */
export function memoize<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  let known = new WeakMap<Key, { readonly value: Value }>()
  let count = 0
  return key => {
    const before = known.get(key)
    if (before) return before.value
    const value = make(key)
    if (++count > MOST) {
      known = new WeakMap()
      count = 1
    }
    known.set(key, { value })
    return value
  }
}
