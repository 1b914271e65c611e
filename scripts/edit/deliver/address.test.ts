// Where the hosts open a pull request of a branch, by the addresses that remotes have.
import { expect, test } from 'vitest'
import { chooseAddress, findAddress } from './address.ts'

const GITLAB = '/-/merge_requests/new?merge_request[source_branch]=a&merge_request[target_branch]=main'
const DATA_CENTER = 'pull-requests?create&sourceBranch=refs/heads/a&targetBranch=refs/heads/main'

test.each([
  ['https://github.com/acme/api.git', 'https://github.com/acme/api/compare/main...a?expand=1'],
  ['git@github.com:acme/api.git', 'https://github.com/acme/api/compare/main...a?expand=1'],
  ['https://user:secret@github.acme.com/acme/api', 'https://github.acme.com/acme/api/compare/main...a?expand=1'],
  ['ssh://git@ssh.github.com:443/acme/api.git', 'https://github.com/acme/api/compare/main...a?expand=1'],
  ['git@gitlab.example.com:group/sub/sub/api.git', `https://gitlab.example.com/group/sub/sub/api${GITLAB}`],
  ['ssh://git@gitlab.example.com:2222/group/api.git', `https://gitlab.example.com/group/api${GITLAB}`],
  ['https://gitlab.example.com:8443/group/api.git', `https://gitlab.example.com:8443/group/api${GITLAB}`],
  ['http://gitlab.local:8080/group/api.git', `http://gitlab.local:8080/group/api${GITLAB}`],
  ['https://gitea.example.com:3000/acme/api.git', 'https://gitea.example.com:3000/acme/api/compare/main...a'],
  ['ssh://git@gitea.example.com:2222/acme/api.git', 'https://gitea.example.com/acme/api/compare/main...a'],
  ['https://codeberg.org/acme/api/', 'https://codeberg.org/acme/api/compare/main...a'],
  ['git@bitbucket.org:acme/api.git', 'https://bitbucket.org/acme/api/pull-requests/new?source=a&dest=main'],
  ['ssh://git@bitbucket.acme.com:7999/PR/api.git', `https://bitbucket.acme.com/projects/PR/repos/api/${DATA_CENTER}`],
  ['https://bitbucket.acme.com/scm/PR/api.git', `https://bitbucket.acme.com/projects/PR/repos/api/${DATA_CENTER}`],
  [
    'https://acme.com.bitbucket.example/git/scm/~jo/api.git',
    `https://acme.com.bitbucket.example/git/users/jo/repos/api/${DATA_CENTER}`,
  ],
  [
    'git@ssh.dev.azure.com:v3/acme/shop/api',
    'https://dev.azure.com/acme/shop/_git/api/pullrequestcreate?sourceRef=a&targetRef=main',
  ],
  [
    'https://dev.azure.com/acme/shop/_git/api',
    'https://dev.azure.com/acme/shop/_git/api/pullrequestcreate?sourceRef=a&targetRef=main',
  ],
  ['work-github:acme/api.git', undefined],
  ['/srv/git/api.git', undefined],
  ['file:///srv/git/api.git', undefined],
  ['git@example.com:acme/api.git', undefined],
])('a branch of %s is opened at %s', (remote, address) => {
  expect(findAddress(remote, 'main', 'a')).toBe(address)
})

test('a name with marks of an address is written as one', () => {
  expect(findAddress('git@github.com:a/b.git', 'release/1', 'x/y#2')).toBe(
    'https://github.com/a/b/compare/release/1...x/y%232?expand=1',
  )
  expect(findAddress('git@gitlab.com:a/b.git', 'main', 'x&y')).toContain('source_branch]=x%26y&')
})

test('what the remote tells of the branch comes first, and another address of it last', () => {
  const said =
    'remote: see https://status.example.com\nremote:   https://git.example.com/a/b/compare/main...scale-x\u001b[0m\n'
  expect(chooseAddress(said, 'git@github.com:a/b.git', 'main', 'scale-x')).toBe(
    'https://git.example.com/a/b/compare/main...scale-x',
  )
  expect(chooseAddress('https://status.example.com', 'git@github.com:a/b.git', 'main', 'zz')).toContain(
    'github.com/a/b',
  )
  expect(chooseAddress('https://status.example.com', '/srv/a.git', 'main', 'zz')).toBe('https://status.example.com')
})
