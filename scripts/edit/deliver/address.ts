// The address of the page where the host of a remote makes a branch into a pull request.

interface Home {
  readonly host: string
  /** Scheme, host and the port of a web address. */
  readonly origin: string
  /** Without slashes at its ends, and without `.git`. */
  readonly path: string
}

type Page = (home: Home, target: string, branch: string) => string | undefined

/** How the hosts name it; by a part of the host's name. */
const PAGES: readonly (readonly [host: RegExp, page: Page])[] = [
  [
    /gitlab/,
    ({ origin, path }, target, branch) =>
      `${origin}/${path}/-/merge_requests/new?${query({ 'merge_request[source_branch]': branch, 'merge_request[target_branch]': target })}`,
  ],
  [
    /^bitbucket\.org$/,
    ({ origin, path }, target, branch) =>
      `${origin}/${path}/pull-requests/new?${query({ source: branch, dest: target })}`,
  ],
  [/bitbucket/, pageOfDataCenter],
  [
    /github/,
    ({ origin, path }, target, branch) =>
      `${origin}/${path}/compare/${encodeBranch(target)}...${encodeBranch(branch)}?expand=1`,
  ],
  [
    /gitea|forgejo|codeberg|gogs/,
    ({ origin, path }, target, branch) => `${origin}/${path}/compare/${encodeBranch(target)}...${encodeBranch(branch)}`,
  ],
  [/^dev\.azure\.com$/, pageOfAzure],
]

/** Undefined for a remote that is not a web host that is known. */
export function findAddress(remote: string, target: string, branch: string): string | undefined {
  const home = findHome(remote)
  const [, page] = PAGES.find(([pattern]) => home && pattern.test(home.host)) ?? []
  return home && page?.(home, target, branch)
}

/** The address that a remote told, among whatever else it says; else the one that its host is known to have. */
export function chooseAddress(said: string, remote: string, target: string, branch: string): string | undefined {
  const told = said.match(/https?:\/\/[^\s'"\p{Cc}]+/gu) ?? []
  return told.find(url => isOf(url, branch)) ?? findAddress(remote, target, branch) ?? told[0]
}

const isOf = (url: string, branch: string): boolean => url.includes(branch) || url.includes(encodeURIComponent(branch))

/** Hosts that take ssh at the port of https under another name. */
const BEHIND: Readonly<Record<string, string>> = {
  'ssh.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
  'ssh.dev.azure.com': 'dev.azure.com',
}

function findHome(remote: string): Home | undefined {
  const [, scpHost, scpPath] = (!remote.includes('://') && /^(?:[\w.-]+@)?([\w.-]+):(.+)$/.exec(remote)) || []
  const url = scpHost === undefined && URL.canParse(remote) ? new URL(remote) : undefined
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  const named = scpHost ?? url?.hostname
  const path = (scpPath ?? url?.pathname)?.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')
  // A name without a dot is one that the person gave a host in the settings of ssh.
  if (!named?.includes('.') || !path) return undefined
  const host = BEHIND[named] ?? named
  // The port of ssh says nothing of the web.
  return { host, path, origin: isWeb ? `${url.protocol}//${url.host}` : `https://${host}` }
}

/** Bitbucket on one's own machine: a project or a person, and the repository; `scm/` before it where it is cloned by https. */
function pageOfDataCenter({ origin, path }: Home, target: string, branch: string): string | undefined {
  const [, context = '', owner = '', name] = /^((?:.*\/)?)(?:scm\/)?(~?[^/]+)\/([^/]+)$/.exec(path) ?? []
  if (!name) return undefined
  const base = context.replace(/(?:^|\/)scm\/$/, match => match.slice(0, match.indexOf('scm')))
  const home = owner.startsWith('~') ? `users/${owner.slice(1)}` : `projects/${owner}`
  const refs = { sourceBranch: `refs/heads/${branch}`, targetBranch: `refs/heads/${target}` }
  return `${origin}/${base}${home}/repos/${name}/pull-requests?create&${query(refs)}`
}

function pageOfAzure({ path }: Home, target: string, branch: string): string | undefined {
  const [, organization, project, name] =
    /^v3\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(path) ?? /^([^/]+)\/([^/]+)\/_git\/([^/]+)$/.exec(path) ?? []
  if (!name) return undefined
  const refs = query({ sourceRef: branch, targetRef: target })
  return `https://dev.azure.com/${organization}/${project}/_git/${name}/pullrequestcreate?${refs}`
}

/** A branch in a path: its slashes are the path's. */
const encodeBranch = (branch: string): string => branch.split('/').map(encodeURIComponent).join('/')

/** Brackets and slashes stay readable; all hosts take them so. */
const query = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([key, value]) => `${key}=${encodeBranch(value)}`)
    .join('&')
