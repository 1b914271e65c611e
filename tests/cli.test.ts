// The command line: exit codes, streams and formats, as scripts and people meet them.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { useFolder } from './folder.ts'
import { PROJECT } from './tree.ts'

const SERVICE =
  'apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: shop }\nspec: { selector: { app: web }, ports: [{ port: 80 }] }\n'
const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n'

const folder = useFolder('cli')
const { write } = folder

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(PROJECT, 'scripts/validate.ts'), ...args], {
    cwd: folder.root,
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: folder.root, NO_COLOR: '1', GITHUB_WORKSPACE: folder.root },
  })
  return { status, stdout, stderr }
}

describe('exit codes', () => {
  test('0: all examined, no error', () => {
    write('cm.yaml', CONFIG_MAP)
    expect(run('--root', folder.root)).toMatchObject({ status: 0, stderr: '' })
  })

  test('1: a finding, and a build that fails', () => {
    write('service.yaml', SERVICE)
    expect(run('--root', folder.root).status).toBe(1)
    rmSync(join(folder.root, 'service.yaml'))
    write('kustomization.yaml', 'resources: [gone.yaml]\n')
    expect(run('--root', folder.root).status).toBe(1)
  })

  test.each([
    ['an empty folder', [], 'nothing to validate: '],
    ['a root that is missing', ['--root', 'nowhere'], 'it does not exist'],
    ['a root that is a file', ['--root', 'file'], 'it is not a folder'],
    ['an unknown option', ['--rot', '.'], "Unknown option '--rot'. See npm run validate -- --help\n"],
    ['an unknown format', ['--format', 'xml'], 'unknown format xml: choose one of'],
    ['a path that is missing', ['--root', '.', 'nowhere'], 'path nowhere does not exist'],
    ['a path nothing reads', ['--root', '.', 'file'], 'nothing to validate: no build and no manifest reads file'],
    ['a configuration that is missing', ['--root', '.', '--config', 'none.yaml'], 'cannot be read (ENOENT)'],
  ])('2: %s', (_, args, message) => {
    write('file', 'text')
    const { status, stdout, stderr } = run(...(args.length ? args : ['--root', folder.root]))
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
  })

  test('2: a chart that nothing renders, and what would', () => {
    write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.0.0\n')
    const { status, stderr } = run('--root', folder.root)
    expect(status).toBe(2)
    expect(stderr).toContain('; the Helm chart in it is rendered with the values that an Application')
  })

  test.each([
    ['unknownKind: {}', 'validation.yaml:1:1: unknown key "unknownKind": did you mean "unknownKinds"?'],
    [
      'rules: { dangling-service: fatal }',
      'validation.yaml:1:10: rules.dangling-service must be error, warning or off',
    ],
    ['exclude: text', 'validation.yaml:1:1: exclude must be a list'],
    ['a: [', 'validation.yaml:'],
    ['"a\\n::error::b": 1', 'validation.yaml:1:1: unknown key "a?::error::b"; known are'],
  ])('2: a configuration that says %s', (text, message) => {
    write('cm.yaml', CONFIG_MAP)
    write('validation.yaml', `${text}\n`)
    const { status, stderr } = run('--root', folder.root)
    expect(status).toBe(2)
    expect(stderr).toContain(message)
  })
})

describe('configuration', () => {
  test('a rule may warn or be off, and what is off is counted', () => {
    write('service.yaml', SERVICE)
    write('validation.yaml', 'rules: { dangling-service: warning }\n')
    const warned = run('--root', folder.root)
    expect(warned.status).toBe(0)
    expect(warned.stdout).toContain('1 problem (0 errors, 1 warning)')
    write('validation.yaml', 'rules: { dangling-service: off }\n')
    const { status, stdout } = run('--root', folder.root)
    expect(status).toBe(0)
    expect(stdout).toContain('1 suppressed')
  })

  test('an allowed kind without a schema is listed, not silent', () => {
    write('widget.yaml', 'apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: one }\n')
    expect(run('--root', folder.root).stdout).toContain('1 object of example.com/v1 Widget')
    write('validation.yaml', 'unknownKinds: { allow: [{ apiVersion: example.com/v1, kind: Widget }] }\n')
    const { status, stdout } = run('--root', folder.root)
    expect(status).toBe(0)
    expect(stdout).toContain(
      'a kind without a schema (validation.yaml allows it): 1 object of example.com/v1 Widget  widget.yaml:2',
    )
    expect(stdout).toContain('1 not examined')
  })

  test('exclude takes folders out', () => {
    write('cm.yaml', CONFIG_MAP)
    write('old/service.yaml', SERVICE)
    write('validation.yaml', 'exclude: [/old/]\n')
    expect(run('--root', folder.root).status).toBe(0)
  })
})

describe('a change held against a commit', () => {
  const git = (...args: string[]): void => {
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b']
    expect(spawnSync('git', [...identity, ...args], { cwd: folder.root }).status).toBe(0)
  }
  beforeEach(() => {
    write('old.yaml', SERVICE)
    git('init', '--quiet')
    git('add', '--all')
    git('commit', '--quiet', '--message=x')
  })

  test('fails for what is new alone, and says what is known, fixed and changed', () => {
    write('more.yaml', CONFIG_MAP)
    const passed = run('--root', folder.root, '--since', 'HEAD')
    expect(passed.status).toBe(0)
    expect(passed.stdout).toContain(': 1 finding that it has, too, not counted, nothing fixed.')
    write('new.yaml', SERVICE.replace('name: web', 'name: door'))
    write('old.yaml', CONFIG_MAP.replace('name: web', 'name: old'))
    const failed = run('--root', folder.root, '--since', 'HEAD')
    expect(failed.status).toBe(1)
    expect(failed.stdout).toMatch(/^new\.yaml:4[\s\S]*: nothing known, 1 fixed\.\nFixed: old\.yaml:4 no pod template/)
  })

  test('its policy is of no use against that of the commit', () => {
    write('validation.yaml', 'rules: { dangling-service: off }\n')
    expect(run('--root', folder.root).status).toBe(0)
    const { status, stdout } = run('--root', folder.root, '--policy-from', 'HEAD')
    expect(status).toBe(1)
    expect(stdout).toContain('The change touches the policy (validation.yaml): what holds is the policy of ')
  })

  test.each([
    ['a commit that is not there', ['--since', 'nowhere'], '--since: the checkout has no commit nowhere. A shallow'],
    ['an option of git', ['--policy-from=--help'], '--policy-from: the checkout has no commit --help'],
    ['a folder outside of Git', ['--root', tmpdir(), '--since', 'HEAD'], '--since: not a git repository'],
    ['a baseline of what is new', ['--since', 'HEAD', '--baseline', 'a', '--write-baseline'], 'exclude each other'],
  ])('2: %s', (_, args, message) => {
    const { status, stderr } = run('--root', folder.root, ...args)
    expect(status).toBe(2)
    expect(stderr).toContain(message)
  })
})

test('PATH narrows the run to the builds that read it', () => {
  for (const name of ['a', 'b']) {
    write(`${name}/kustomization.yaml`, 'resources: [service.yaml]\n')
    write(`${name}/service.yaml`, SERVICE)
  }
  const { stdout } = run('--root', folder.root, '--format', 'json', 'a/service.yaml')
  const report = JSON.parse(stdout) as { summary: object; findings: { location: { file: string } }[] }
  expect(report.summary).toMatchObject({ builds: 1 })
  expect(report.findings.map(({ location }) => location.file)).toEqual(['a/service.yaml'])
})

describe('formats', () => {
  beforeEach(() => write('service.yaml', SERVICE))
  const message = 'no pod template matches the selector app=web: there is no pod template in its namespace'
  const remediation = 'Make spec.selector a subset of the labels of a pod template in the same namespace.'

  test('stylish', () => {
    const { stdout } = run('--root', folder.root)
    expect(stdout).toBe(
      [
        'service.yaml:4:21',
        `  error  ${message}  dangling-service`,
        '    Service web (.)',
        '    4 | spec: { selector: { app: web }, ports: [{ port: 80 }] }',
        '      |                     ^^^^^^^^',
        `    ${remediation}`,
        '',
        '✖ 1 problem (1 error, 0 warnings) in 1 resource from 1 build, 1 file; Kubernetes 1.36',
        '',
      ].join('\n'),
    )
  })

  test('several in one run, each to its file', () => {
    const { status, stdout } = run(
      '--root',
      folder.root,
      '--format',
      'json',
      '--format',
      'sarif=out.sarif',
      '--format=html=a.html',
    )
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toHaveProperty('findings')
    expect(JSON.parse(readFileSync(join(folder.root, 'out.sarif'), 'utf8'))).toHaveProperty('runs')
    expect(readFileSync(join(folder.root, 'a.html'), 'utf8')).toMatch(/^<!doctype html>/)
  })

  test.each([
    ['two on stdout', ['--format', 'json', '--format', 'stylish'], 'two formats go to stdout'],
    ['no file', ['--format', 'json='], 'names no file'],
    ['a folder that is not there', ['--format', 'json=no/where.json'], 'cannot be written'],
  ])('wrong usage: %s', (_, args, message) => {
    const { status, stderr } = run('--root', folder.root, ...args)
    expect(status).toBe(2)
    expect(stderr).toContain(message)
  })

  test('a baseline: written, read, and told what is fixed', () => {
    const written = run('--root', folder.root, '--baseline', 'known.json', '--write-baseline')
    expect([written.status, written.stderr]).toEqual([
      0,
      expect.stringMatching(/the baseline has \d+ findings?, which no longer count/),
    ])
    expect(run('--root', folder.root, '--baseline', 'known.json').status).toBe(0)
    write('service.yaml', CONFIG_MAP)
    expect(run('--root', folder.root, '--baseline', 'known.json').stderr).toContain(
      'fixed since the baseline: dangling-service',
    )
    expect(run('--root', folder.root, '--write-baseline').stderr).toContain('needs --baseline FILE')
    expect(run('--root', folder.root, '--baseline', 'service.yaml').stderr).toContain('is not a baseline')
    expect(run('--root', folder.root, '--preset', 'loud').status).toBe(2)
  })

  test('timings go to stderr', () => {
    expect(run('--root', folder.root, '--timings').stderr).toMatch(
      /\d s {2}reading and rendering\n[\s\S]*\d s {2}in all\n$/,
    )
  })

  test('github', () => {
    const { stdout } = run('--root', folder.root, '--format', 'github')
    expect(stdout.split('\n')[0]).toBe(
      `::error file=service.yaml,line=4,endLine=4,col=21,endColumn=29,title=dangling-service::${message}. ${remediation}`,
    )
  })
})
