// What Argo CD does by itself from now on: prune, heal, sync, and delete what an Application brought.
import { listAt, mappingAt, type Resource, stringAt, valueAt } from '../../tree/model/build.ts'
import type { FieldPath } from '../../tree/model/place.ts'
import { type ObjectRule, staysOf, typeOf } from './risk.ts'

const AUTOMATED: FieldPath = ['spec', 'syncPolicy', 'automated']

interface Automation {
  readonly sync: boolean
  readonly prune: boolean
  readonly selfHeal: boolean
  readonly allowEmpty: boolean
}

function readAutomation({ object }: Resource): Automation {
  const written = mappingAt(object, AUTOMATED)
  const sync = written !== undefined && written.enabled !== false
  const is = (key: string): boolean => sync && written?.[key] === true
  return { sync, prune: is('prune'), selfHeal: is('selfHeal'), allowEmpty: is('allowEmpty') }
}

const WORDS: readonly (readonly [keyof Automation, on: string, off: string])[] = [
  ['sync', 'is synced by itself from now on', 'is no longer synced by itself: what is merged waits for somebody'],
  ['prune', 'deletes by itself what Git no longer has', 'no longer deletes what Git no longer has'],
  [
    'selfHeal',
    'sets back by itself what others change in the cluster',
    'no longer sets back what others change in the cluster',
  ],
  [
    'allowEmpty',
    'may delete everything where its source renders nothing',
    'no longer deletes everything where its source renders nothing',
  ],
]

export const automationChanged: ObjectRule = {
  id: 'automation-changed',
  level: 'caution',
  summary: 'an Application whose automated sync, pruning or self-heal is turned on or off',
  why: 'It decides what the next commit, or the next change by hand, does without anybody looking.',
  *check(object) {
    const stays = staysOf(object)
    if (!stays || typeOf(stays.after) !== 'argoproj.io/Application') return
    const [old, next] = [readAutomation(stays.before), readAutomation(stays.after)]
    for (const [key, on, off] of WORDS) {
      // Without a sync nothing of the rest is done: one sentence says it.
      if (old[key] === next[key] || (key !== 'sync' && old.sync !== next.sync && !next[key])) continue
      const own = key === 'sync' ? AUTOMATED : [...AUTOMATED, key]
      const isWritten = valueAt(stays.after.object, own) !== undefined
      const level = key === 'allowEmpty' && next[key] ? ('danger' as const) : ('caution' as const)
      yield { says: next[key] ? on : off, level, fieldPath: own, ...(isWritten ? {} : { side: 'base' as const }) }
    }
  },
}

export const finalizerRemoved: ObjectRule = {
  id: 'finalizer-removed',
  level: 'caution',
  summary: 'an object that loses a finalizer',
  why: 'A finalizer holds a deletion until something is cleaned up; without it that something stays behind, or goes too early.',
  *check(object) {
    const stays = staysOf(object)
    if (!stays) return
    const path = ['metadata', 'finalizers']
    const kept = listAt(stays.after.object, path)
    for (const [index, finalizer] of listAt(stays.before.object, path).entries()) {
      const name = stringAt({ finalizer }, ['finalizer'])
      if (name === undefined || kept.includes(name)) continue
      const isCascade = name.startsWith('resources-finalizer.argocd.argoproj.io')
      const then = isCascade ? ': deleted, it would leave behind what it deployed' : ''
      yield { says: `loses the finalizer ${name}${then}`, fieldPath: [...path, index], side: 'base' }
    }
  },
}
