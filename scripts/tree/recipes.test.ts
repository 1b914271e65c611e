// Recipes are anybody's text: reading them takes a time that grows with their length, and no more.
import { expect, test } from 'vitest'
import { useFolder } from '../../tests/folder.ts'
import { openFolder } from './source/folder.ts'
import { findCopied, findMade, listReleases } from './recipes.ts'

const folder = useFolder('recipes')

test.each([
  'cp ',
  'tee/',
  'cp a.yaml ',
  'mv a/',
  'a=b; ',
  '$a/b.yaml > $a/',
  'mkdir ',
  ' -o',
  '> ',
  '>a/',
  '\n',
  '\nrun:',
  '$(cp ',
  'helm install ',
  'helm install \\\\',
])('a script of %j', text => {
  const path = text.startsWith('\n') ? 'steps.yml' : 'make.sh'
  folder.write(path, text.repeat(200_000 / text.length))
  const start = performance.now()
  expect(findMade(openFolder(folder.root), [path])('web/made.yaml')).toBe(false)
  expect(listReleases(openFolder(folder.root), [path])).toEqual([])
  expect(performance.now() - start).toBeLessThan(2000)
})

test('very many paths, asked of a script that makes very many', { timeout: 20_000 }, () => {
  const numbers = [...Array(40_000).keys()]
  const lines = numbers.map(at => `cp -r base "$OUT"/web/z${at}\ncp a/b.yaml $OUT/c${at}/d.yaml\nmkdir x/y${at}\n`)
  folder.write('make.sh', lines.join(''))
  const sources = openFolder(folder.root)
  const isMade = findMade(sources, ['make.sh'])
  const isCopied = findCopied(sources, ['make.sh'])
  expect(numbers.filter(at => isMade(`web/m${at}.yaml`) || isCopied(`web/m${at}`))).toEqual([])
  expect(['app/web/z7/a.yaml', 'app/c7/d.yaml', 'y7/a.yaml', 'app/c7/e.yaml'].map(isMade)).toEqual([
    true,
    true,
    true,
    false,
  ])
})

test.each([
  ['helm install web charts/web -n shop', [['web', 'shop']]],
  ['helm upgrade --install web charts/web --namespace=shop --wait', [['web', 'shop']]],
  ['helm upgrade web charts/web \\\n  -f values.yaml \\\n  --namespace "shop" \\\n  --wait', [['web', 'shop']]],
  ['helm install web charts/web && kubectl get pods -n shop', []],
  ['helm install web charts/web --namespace "$NAMESPACE"', []],
  ['helm template web charts/web -n shop', []],
  [
    'helm install a b -n one; helm install c d -n two',
    [
      ['a', 'one'],
      ['c', 'two'],
    ],
  ],
])('a script that says %s installs %j', (text, expected) => {
  folder.write('install.sh', `#!/bin/sh\n${text}\n`)
  folder.write('README.md', `${text}\n`)
  const found = listReleases(openFolder(folder.root), ['README.md', 'install.sh'])
  expect(found.map(({ name, namespace }) => [name, namespace])).toEqual(expected)
  for (const { path } of found) expect(path).toBe('install.sh')
})

test.each([
  ['render', '#!/bin/bash\nBASEDIR=$(dirname "$0")\ncat <&0 > $BASEDIR/made.yaml\n', true],
  ['render.sh', `HERE="$(cd "$(dirname "$\{BASH_SOURCE[0]}")" && pwd)"\ntee "$\{HERE}/made.yaml"\n`, true],
  ['render.sh', 'cat > "$(dirname "$0")/made.yaml"\n', true],
  ['render', 'cat > made.yaml\n', false],
  ['render.sh', 'OUT=$(mktemp -d)\ncat > $OUT/made.yaml\n', false],
  ['render.sh', 'HERE=$(dirname "$0")\ncat > $HERE/../made.yaml\n', false],
])('what %s writes beside itself: %j', (name, text, expected) => {
  folder.write(`web/${name}`, text)
  expect(findMade(openFolder(folder.root), [`web/${name}`])('web/made.yaml')).toBe(expected)
})

test.each([
  ['cp deploy/web.yaml config/web', 'config/web/web.yaml', true],
  ['cp deploy/web.yaml "../config/web/"', 'config/web/web.yaml', true],
  ['cp deploy/web.yaml config/web/other.yaml', 'config/web/web.yaml', false],
  ['TO="../config/web"\nmv made "$TO/web.yaml"', 'config/web/web.yaml', true],
  ['TO=config/one\nTO=config/two\nmv made $TO/web.yaml', 'config/one/web.yaml', true],
  ['mv made "$TO/web.yaml"', 'config/web/web.yaml', false],
  ['HERE=$(pwd)\nTO="$HERE/../config/web"\nmkdir $TO', 'config/web/web.yaml', true],
  ['TO="$HERE/web"\nmkdir $TO', 'config/web/web.yaml', false],
  ['mkdir -p "$TO/config/web"', 'config/web/web.yaml', true],
  ['cp -R base "$OUT"/overlays/dev/base', 'overlays/dev/base/web/web.yaml', true],
  ['cp -R base "$OUT"/base', 'overlays/dev/base/web/web.yaml', false],
  ['cp base "$OUT"/overlays/dev/base', 'overlays/dev/base/web/web.yaml', false],
  ['cp -R base tools/there', 'tools/there/web.yaml', false],
])('a script that says %s: %s is made: %s', (text, path, expected) => {
  folder.write('tools/make.sh', `#!/bin/sh\n${text}\n`)
  folder.write('tools/there/other.yaml', '')
  expect(findMade(openFolder(folder.root), ['tools/make.sh'])(path)).toBe(expected)
})

test.each([
  [
    'kind: ConfigManagementPlugin\nspec: { generate: {\n  command: [sh, -c, "helm template . > all.yaml && kustomize build"] } }',
    true,
  ],
  [
    'kind: ConfigManagementPlugin\nspec: { generate: {\n  command: [sh, -c, "helm template . > $OUT/all.yaml"] } }',
    false,
  ],
  ['kind: Pod\nspec:\n  command: [sh, -c, "helm template . > all.yaml"]', false],
])('what a plugin of Argo CD writes beside each kustomization: %j', (text, expected) => {
  folder.write('argocd/plugin.yaml', text)
  expect(findMade(openFolder(folder.root), ['argocd/plugin.yaml'])('web/all.yaml')).toBe(expected)
})

test.each([
  ['cp -a forms/web/ out/web/', true],
  [`FORMS=$\{FORMS:-forms}\ncp -R "$\{FORMS}/web" "$OUT"`, true],
  ['cp -r ./forms "$OUT"', false],
  ['cp -r $FORMS/web "$OUT"', false],
  ['cp forms/web/kustomization.yaml out', false],
])('a script that says %s copies a folder: %s', (text, expected) => {
  folder.write('copy.sh', `${text}\n`)
  expect(findCopied(openFolder(folder.root), ['copy.sh'])('forms/web/deep')).toBe(expected)
})
