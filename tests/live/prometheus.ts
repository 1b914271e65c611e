// A real Prometheus on this machine, which scrapes a cluster's pods as the Prometheus Operator would have it do.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Kube, kinds, list } from '../../scripts/cluster/kube/kube.ts'
import { stringify } from 'yaml'
import { findFreePort } from '../../scripts/cluster/ports.ts'

export interface PodMonitorSpec {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
  readonly jobLabel: string
  readonly podTargetLabels: readonly string[]
  readonly podMetricsEndpoints: readonly { readonly port: string; readonly path: string }[]
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

export interface Prometheus {
  query(expression: string): Promise<readonly Sample[]>
  /** A page of its API. */
  get(path: string): Promise<unknown>
  stop(): Promise<void>
}

interface Pod {
  readonly spec: {
    readonly containers: readonly {
      readonly name: string
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
    }[]
  }
}

/** The pods that are there now, as the discovery of Kubernetes tells of them: Debian's Prometheus is built without it. */
async function discoverPods(kube: Kube, namespace: string): Promise<readonly object[]> {
  const { items } = await list(kube, { kind: kinds.pod, namespace })
  return items.flatMap(({ metadata, ...pod }) =>
    (pod as unknown as Pod).spec.containers.flatMap(({ name, ports = [] }) =>
      ports.map(port => {
        const labels = Object.entries(metadata.labels ?? {}).map(([key, value]) => [`${POD}label_${clean(key)}`, value])
        const own = {
          __meta_kubernetes_namespace: namespace,
          [`${POD}name`]: metadata.name,
          [`${POD}container_name`]: name,
          [`${POD}container_port_name`]: port.name ?? '',
          [`${POD}container_port_number`]: `${port.containerPort}`,
        }
        return {
          targets: [`${metadata.name}:${port.containerPort}`],
          labels: { ...own, ...Object.fromEntries(labels) },
        }
      }),
    ),
  )
}

const POD = '__meta_kubernetes_pod_'
const clean = (label: string) => label.replace(/[^a-zA-Z0-9_]/g, '_')

/** What the operator makes of a PodMonitor, with the way to the pods through the API server: this machine is not in their network. */
export async function composeScrape(
  kube: Kube,
  namespace: string,
  spec: PodMonitorSpec,
  credentials: object,
): Promise<object> {
  const [endpoint] = spec.podMetricsEndpoints
  const copy = (from: string, to: string) => ({ source_labels: [from], target_label: to })
  const keep = (from: string, value: string | undefined) => ({ source_labels: [from], regex: value, action: 'keep' })
  return {
    job_name: `podMonitor/${namespace}`,
    scheme: 'https',
    // With the PodMonitor's own interval this would be a test of minutes.
    scrape_interval: '5s',
    tls_config: credentials,
    static_configs: await discoverPods(kube, namespace),
    relabel_configs: [
      ...Object.entries(spec.selector.matchLabels).map(([label, value]) => keep(`${POD}label_${clean(label)}`, value)),
      keep(`${POD}container_port_name`, endpoint?.port),
      copy('__meta_kubernetes_namespace', 'namespace'),
      copy(`${POD}container_name`, 'container'),
      copy(`${POD}name`, 'pod'),
      ...spec.podTargetLabels.map(label => copy(`${POD}label_${clean(label)}`, clean(label))),
      copy(`${POD}label_${clean(spec.jobLabel)}`, 'job'),
      copy(`${POD}name`, 'instance'),
      {
        source_labels: ['__meta_kubernetes_namespace', `${POD}name`, `${POD}container_port_number`],
        regex: '(.+);(.+);(.+)',
        target_label: '__metrics_path__',
        replacement: `/api/v1/namespaces/$1/pods/$2:$3/proxy${endpoint?.path}`,
      },
      { target_label: '__address__', replacement: new URL(kube.server).host },
    ],
  }
}

/** Files with what the kubeconfig has inline, as Prometheus wants them. */
export function writeCredentials(kube: Kube, folder: string): object {
  mkdirSync(folder, { recursive: true })
  const write = (name: string, base64 = '') => {
    const file = join(folder, name)
    writeFileSync(file, Buffer.from(base64, 'base64'), { mode: 0o600 })
    return file
  }
  const user = kube.config.getCurrentUser()
  return {
    ca_file: write('ca.pem', kube.config.getCurrentCluster()?.caData),
    cert_file: write('cert.pem', user?.certData),
    key_file: write('key.pem', user?.keyData),
  }
}

export async function startPrometheus(folder: string, scrape: object, groups: readonly object[]): Promise<Prometheus> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'rules.yml'), stringify({ groups }))
  const global = { scrape_interval: '5s', evaluation_interval: '5s' }
  const configuration = { global, rule_files: ['rules.yml'], scrape_configs: [scrape] }
  writeFileSync(join(folder, 'prometheus.yml'), stringify(configuration))
  const port = await findFreePort('127.0.0.1')
  const options = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]
  const child = spawn('prometheus', options, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', chunk => {
    log += chunk
  })
  const ended = new Promise<void>(resolve => child.on('close', () => resolve()))
  child.on('error', error => {
    log += `${error.message} (Debian: apt-get install prometheus)`
  })
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    const { status, data, error } = (await answer.json()) as { status: string; data: unknown; error?: string }
    if (status !== 'success') throw new Error(`${path}: ${error}`)
    return data
  }
  for (let tries = 0; ; tries++) {
    try {
      await get('/api/v1/status/buildinfo')
      break
    } catch {
      if (tries > 100 || child.exitCode !== null || child.pid === undefined) throw new Error(`no Prometheus:\n${log}`)
      await pause(100)
    }
  }
  return {
    get,
    async query(expression) {
      const { result } = (await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as { result: Sample[] }
      return result
    },
    async stop() {
      child.kill()
      await ended
    },
  }
}
