// Lists as sets. Source: cel-go ext (sets).
import { isSame, type Library } from './library.ts'

const contains = (list: readonly unknown[], others: readonly unknown[]): boolean =>
  others.every(other => list.some(one => isSame(one, other)))

export function addSets({ add, addNamespace }: Library): void {
  const own = addNamespace('sets')
  add(`${own}.contains(list, list): bool`, (_: unknown, a: never[], b: never[]) => contains(a, b))
  add(`${own}.intersects(list, list): bool`, (_: unknown, a: never[], b: never[]) => a.some(x => contains(b, [x])))
  add(`${own}.equivalent(list, list): bool`, (_: unknown, a: never[], b: never[]) => contains(a, b) && contains(b, a))
}
