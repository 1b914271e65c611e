// The text of an Application, as tests of trees write it.

/** The repository that `validation.yaml` of a tree in a test calls its own. */
const TREE_URL = 'https://example.com/acme/tree.git'

interface Written {
  readonly path: string
  readonly name?: string
  readonly project?: string
  readonly repoURL?: string
  /** Further fields of its spec. */
  readonly more?: string
}

export const writeApplication = ({
  path,
  name = 'web',
  project = 'default',
  repoURL = TREE_URL,
  more = '',
}: Written): string => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name}, namespace: argocd }
spec:
  project: ${project}
  source: { repoURL: ${repoURL}, path: ${path}, targetRevision: HEAD }
  destination: { server: https://kubernetes.default.svc, namespace: web }
${more}`
