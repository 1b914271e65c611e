// Field paths as people read them: short, on one line, and harmless on a terminal.

import type { FieldPath } from '../../tree/model/place.ts'

const maxSegment = 80

/** `containers[0].image` rather than `spec.template.spec.containers[0].image`: the pod is where everybody looks. */
export function formatPath(path: FieldPath): string {
  let text = ''
  for (const segment of path.slice(podPrefix(path))) {
    if (typeof segment === 'number') text += `[${segment}]`
    else if (/^[A-Za-z_$][\w$-]*$/.test(segment) && segment.length <= maxSegment) text += text ? `.${segment}` : segment
    else text += `[${quote(segment, maxSegment)}]`
  }
  return text
}

/** In quotes, cut, with everything escaped that a terminal would act on or not show. */
export function quote(text: string, limit = 60): string {
  const shown = text.length > limit ? `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, '')}…` : text
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function podPrefix(path: FieldPath): number {
  for (const prefix of ['spec.template.spec', 'spec.jobTemplate.spec.template.spec']) {
    const length = prefix.split('.').length
    // Not for the pod's own fields: `hostNetwork` alone says less than its path.
    if (path.slice(0, length).join('.') === prefix && typeof path[length + 1] === 'number') return length
  }
  return 0
}
