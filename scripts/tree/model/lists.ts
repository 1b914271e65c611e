// Lists by two names. Most hold one value, and a large tree has as many of them as objects: each is kept as that value, and
// no name is joined to another one for it.

export class Lists<Value extends object> {
  readonly #outer = new Map<string, Map<string, Value | Several<Value>>>()

  add(first: string, second: string, value: Value): void {
    let inner = this.#outer.get(first)
    if (!inner) {
      inner = new Map()
      this.#outer.set(first, inner)
    }
    const known = inner.get(second)
    if (known === undefined) inner.set(second, value)
    else if (known instanceof Several) known.values.push(value)
    else inner.set(second, new Several([known, value]))
  }

  /** In the order in which they were added. */
  get(first: string, second: string): readonly Value[] {
    const known = this.#outer.get(first)?.get(second)
    if (known === undefined) return NONE
    return known instanceof Several ? known.values : [known]
  }

  /** The second names under a first one. */
  secondsOf(first: string): readonly string[] {
    return [...(this.#outer.get(first)?.keys() ?? [])]
  }
}

class Several<Value> {
  readonly values: Value[]
  constructor(values: Value[]) {
    this.values = values
  }
}

const NONE: readonly never[] = []
