// What Argo CD would say about an object, as data: where, what, and whether it stops anything.
import type { About, FieldPath } from '../model/place.ts'

export interface ArgocdFault {
  readonly fieldPath: FieldPath
  readonly message: string
  readonly values: About
  /**
   * `error`: the API server or a controller refuses it. `warning`: it is accepted and does nothing, or does something else
   * than is written; or only argocd-server refuses it, and what comes from Git does not pass through that.
   */
  readonly severity: 'error' | 'warning'
}

export const refused = (fieldPath: FieldPath, message: string, values: About): ArgocdFault => ({
  fieldPath,
  message,
  values,
  severity: 'error',
})

export const withoutEffect = (fieldPath: FieldPath, message: string, values: About): ArgocdFault => ({
  fieldPath,
  message,
  values,
  severity: 'warning',
})

/** What the command line and the web page of Argo CD refuse, and a commit does not meet. */
export const refusedByServer = (fieldPath: FieldPath, message: string, values: About): ArgocdFault => ({
  fieldPath,
  values,
  message: `${message} (argocd-server refuses this; applied from Git it is taken as it is)`,
  severity: 'warning',
})
