// Of which unknown kinds it is certain that they are mistakes.
import { expect, test } from 'vitest'
import type { CustomKind } from './crd.ts'
import { explainUnknownKind } from './explain-unknown.ts'

const widget = { apiVersion: 'e.com/v1', kind: 'Widget', served: true } as unknown as CustomKind
const old = { apiVersion: 'e.com/v1beta1', kind: 'Gadget', served: false } as unknown as CustomKind
const explain = (apiVersion: string, kind: string, custom: readonly CustomKind[] = [widget, old]) =>
  explainUnknownKind({ apiVersion, kind }, custom)

test.each([
  ['extensions/v1beta1', 'Ingress', 'was removed in Kubernetes 1.22; use networking.k8s.io/v1'],
  ['apps/v1', 'Deploymnt', 'did you mean Deployment (apps/v1)?'],
  ['app/v1', 'Deployment', 'did you mean Deployment (apps/v1)?'],
  ['v1', 'Deployment', 'did you mean Deployment (apps/v1)?'],
  ['apps/v2', 'Deployment', 'Deployment is served as apps/v1, not as "apps/v2"'],
  ['apps/v1', 'Nonsense', 'Kubernetes 1.36 has no kind "Nonsense" in "apps/v1"'],
  ['argproj.io/v1alpha1', 'Application', 'did you mean Application (argoproj.io/v1alpha1)?'],
  ['argoproj.io/v1', 'Application', 'Application is served as argoproj.io/v1alpha1, not as "argoproj.io/v1"'],
  // The tree knows all of what it defines.
  ['e.com/v2', 'Widget', 'Widget is served as e.com/v1, not as "e.com/v2"'],
  ['e.com/v1', 'Widgt', 'did you mean Widget (e.com/v1)?'],
  ['e.con/v1', 'Widget', 'did you mean Widget (e.com/v1)?'],
])('%s %s is a mistake: %s', (apiVersion, kind, reason) => {
  const { isMistake, reason: said } = explain(apiVersion, kind)
  expect(said).toContain(reason)
  expect(isMistake).toBe(true)
})

test.each([
  ['example.org/v1', 'Cluster', 'its definition is not in the tree'],
  ['e.com/v1', 'Sprocket', 'its definition is not in the tree'],
  // A version that is not served defines nothing.
  ['e.com/v1', 'Gadgt', 'its definition is not in the tree'],
  // A package knows the versions of its own release.
  ['cert-manager.io/v2', 'Certificate', 'has it as cert-manager.io/v1'],
  ['v1alpha1', 'MachineConfig', 'a kind of another program'],
  ['v1', 'a/b', 'a kind of another program'],
  ['e2.com/v1', 'Widget', 'its definition is not in the tree'],
])('%s %s may be right: %s', (apiVersion, kind, reason) => {
  const { isMistake, reason: said } = explain(apiVersion, kind)
  expect(said).toContain(reason)
  expect(isMistake).toBe(false)
})
