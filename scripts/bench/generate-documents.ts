// Writes a tree of so many megabytes of manifests for measuring memory: what a run takes depends on what they are.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One file of a shape, which begins with the object of a number; `count` objects are in it. */
interface Shape {
  readonly count: number
  readonly path: (number: number) => string
  readonly make: (number: number) => string
}

const deployment = (number: number): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-${number}
  namespace: team-${number % 50}
  labels:
    app: app-${number}
spec:
  replicas: 1
  selector:
    matchLabels:
      app: app-${number}
  template:
    metadata:
      labels:
        app: app-${number}
    spec:
      containers:
        - name: web
          image: registry.example.com/team/app-${number}:v1
          ports:
            - name: http
              containerPort: 8080
          readinessProbe:
            httpGet:
              path: /ready
              port: http
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 128Mi
`

const service = (number: number): string => `apiVersion: v1
kind: Service
metadata:
  name: app-${number}
  namespace: team-${number % 50}
spec:
  selector:
    app: app-${number}
  ports:
    - name: http
      port: 80
      targetPort: http
`

/** A ConfigMap of so many lines of 60 characters. */
const settings = (number: number, lines: number): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings-${number}
  namespace: team-${number % 50}
data:
  settings.ini: |
${Array.from({ length: lines }, (_, line) => `    key-${line} = ${`${number * 7919 + line}`.padStart(44, 'x')}\n`).join('')}`

const several = (number: number): string => [deployment(number), service(number), settings(number, 20)].join('---\n')

export const DOCUMENTS = {
  /** Small Deployments, 500 in a file. */
  small: { count: 500, path: number => `apps/apps-${number}.yaml`, make: deployment },
  /** Small Deployments, each in its own file. */
  files: { count: 1, path: number => `apps/${number >> 8}/app-${number}.yaml`, make: deployment },
  /** Deployments, each with its Service and a ConfigMap. */
  mixed: { count: 25, path: number => `apps/${number >> 12}/apps-${number}.yaml`, make: several },
  /** ConfigMaps of 600 KB. */
  large: { count: 1, path: number => `settings/settings-${number}.yaml`, make: number => settings(number, 10_000) },
} as const satisfies Readonly<Record<string, Shape>>

export type DocumentShape = keyof typeof DOCUMENTS

/** Writes at least so many MB (10^6 bytes) of a shape into a folder. */
export function generateDocuments(folder: string, megabytes: number, shape: DocumentShape): void {
  const { count, path, make }: Shape = DOCUMENTS[shape]
  for (let number = 0, size = 0; size < megabytes * 1e6; number += count) {
    const text = Array.from({ length: count }, (_, index) => make(number + index)).join('---\n')
    const file = join(folder, path(number))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    size += text.length
  }
}
