// Puts the variables of a build into the settings of a source, as the repo-server does.

export type BuildEnvironment = Readonly<Record<string, string>>

/** What Argo CD knows of a build. Revisions are not known before there is a commit. */
export function describeEnvironment(
  application: { readonly name: string; readonly namespace: string; readonly project: string },
  source: { readonly repoUrl: string; readonly path: string; readonly targetRevision: string },
): BuildEnvironment {
  const revision = '0000000000000000000000000000000000000000'
  return {
    ARGOCD_APP_NAME: application.name,
    ARGOCD_APP_NAMESPACE: application.namespace,
    ARGOCD_APP_PROJECT_NAME: application.project,
    ARGOCD_APP_REVISION: revision,
    ARGOCD_APP_REVISION_SHORT: revision.slice(0, 7),
    ARGOCD_APP_REVISION_SHORT_8: revision.slice(0, 8),
    ARGOCD_APP_SOURCE_REPO_URL: source.repoUrl,
    ARGOCD_APP_SOURCE_PATH: source.path,
    ARGOCD_APP_SOURCE_TARGET_REVISION: source.targetRevision,
  }
}

/** `$NAME` and `${NAME}`; what is not known becomes nothing, `$$` a dollar. */
export const substitute = (text: string, environment: BuildEnvironment): string =>
  text.replace(/\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*|[$*#@!?0-9-])|)/g, (whole, braced, name) => {
    const key: string | undefined = braced ?? name
    if (key === undefined) return whole
    return key === '$' ? '$' : (environment[key] ?? '')
  })
