// Which containers of two environments are the same, and from which registry an image comes.
import type { Container } from '../../tree/model/containers.ts'

/** The container of the other environment: by kind, owner and name; by kind and name where prefixes differ. */
export function findTwin(container: Container, others: readonly Container[]): Container | undefined {
  const fitting = others.filter(({ kind, name }) => kind === container.kind && name === container.name)
  return fitting.find(({ owner }) => owner === container.owner) ?? (fitting.length === 1 ? fitting[0] : undefined)
}

/** The registry and the path in it; empty for what names none (Docker Hub, or what the node has). */
export const registryOf = (repository: string): string =>
  repository.includes('/') ? repository.slice(0, repository.lastIndexOf('/')) : ''
