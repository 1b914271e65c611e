// What the functions that Kubernetes adds to CEL give: examples of its documentation and of its tests, with its answers.
import { expect, test } from 'vitest'
import { createEnvironment } from '../environment.ts'

const environment = createEnvironment(['object'])
const OBJECT = { list: [1n, 2n], map: { a: 1n, b: 2n }, text: 'abc' }
const run = (text: string): unknown => environment.evaluate(text, { object: OBJECT })

const TRUE = `
# addresses
ip('2001:db8::abcd').family() == 6
isIP('127.0.0.1') && !isIP('127.0.0.256') && !isIP(':::1') && !isIP('010.0.0.1') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0')
ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD') && !ip.isCanonical('2001:db8::0:0:0:abcd')
ip('0.0.0.0').isUnspecified() && ip('::').isUnspecified() && !ip('127.0.0.1').isUnspecified()
ip('127.0.0.1').isLoopback() && ip('::1').isLoopback() && !ip('2001:db8::abcd').isLoopback()
ip('224.0.0.1').isLinkLocalMulticast() && !ip('224.0.1.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast() && !ip('fd00::1').isLinkLocalMulticast()
ip('169.254.169.254').isLinkLocalUnicast() && ip('fe80::1').isLinkLocalUnicast() && !ip('fd80::1').isLinkLocalUnicast()
ip('192.168.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast() && !ip('ff00::1').isGlobalUnicast()
string(ip('2001:DB8::1')) == '2001:db8::1' && ip('::1') == ip('0:0:0:0:0:0:0:1')
['10.0.0.1'].all(ip, isIP(ip))
isCIDR('192.168.0.0/16') && isCIDR('10.0.0.1/8') && !isCIDR('192.168.0.0/33') && !isCIDR('10.0.0.0/08') && !isCIDR('::1/129')
cidr('192.168.0.0/24').containsIP(ip('192.168.0.1')) && !cidr('192.168.0.0/24').containsIP('192.168.1.1')
cidr('192.168.0.0/16').containsCIDR(cidr('192.168.10.0/24')) && !cidr('192.168.1.0/24').containsCIDR('192.168.0.0/16')
cidr('192.168.0.1/24').ip() == ip('192.168.0.1') && cidr('192.168.0.1/24').masked() == cidr('192.168.0.0/24')
cidr('192.168.0.1/24') != cidr('192.168.0.1/24').masked() && cidr('::1/128').prefixLength() == 128
string(cidr('192.168.0.1/24').masked()) == '192.168.0.0/24'
# URLs
isURL('https://user:pass@example.com:80/path?query=val#fragment') && isURL('/absolute-path') && isURL('mailto:a@example.com')
!isURL('https://a:b:c/') && !isURL('../relative-path') && !isURL('') && !isURL('https://a b/') && !isURL('https://example.com/%zz')
url('/path').getScheme() == '' && url('HTTPS://example.com/').getScheme() == 'https'
url('https://example.com:80/').getHost() == 'example.com:80' && url('https://[::1]:80/').getHost() == '[::1]:80' && url('/path').getHost() == ''
url('https://[::1]:80/').getHostname() == '::1' && url('https://127.0.0.1:80/').getHostname() == '127.0.0.1'
url('https://example.com:80/').getPort() == '80' && url('https://example.com/').getPort() == ''
url('https://example.com/path with spaces/').getEscapedPath() == '/path%20with%20spaces/' && url('https://example.com').getEscapedPath() == ''
url('https://example.com/path?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}
url('https://example.com/path?key with spaces=value with spaces').getQuery() == {'key with spaces': ['value with spaces']}
# versions
isSemver('1.2.3-beta.1+build.1') && !isSemver('v1.0.0') && !isSemver('01.01.01') && !isSemver('1.1') && !isSemver('1.2.3-01') && !isSemver('200K')
isSemver('v1.0', true) && isSemver('01.01.01', true) && isSemver('1', true) && !isSemver('', true) && !isSemver(' 1.0.0', true)
semver('v01.01', true) == semver('1.1.0') && semver('1.2.3+b') == semver('1.2.3')
semver('1.0.0').isLessThan(semver('1.2.3')) && semver('1.2.3-alpha.1').isLessThan(semver('1.2.3')) && semver('1.0.0-2').isLessThan(semver('1.0.0-a'))
semver('1.2.3').compareTo(semver('2.0.0')) == -1 && semver('1.2.3').compareTo(semver('0.1.2')) == 1
semver('1.2.3').major() == 1 && semver('1.2.3').minor() == 2 && semver('1.2.3').patch() == 3
# quantities
quantity('200M') == quantity('0.2G') && quantity('50M').isLessThan(quantity('50Mi')) && quantity('50Mi').compareTo(quantity('50M')) == 1
quantity('50k').add(quantity('20')) == quantity('50.02k') && quantity('50k').sub(20) == quantity('49980')
quantity('50k').add(20).sub(quantity('100k')).sub(-50000).asInteger() == 20
quantity('0.001M').isInteger() && !quantity('1000m').isInteger() && !quantity('1.0').isInteger() && !quantity('9999999999999999999G').isInteger()
quantity('50.703k').asApproximateFloat() == 50703.0 && quantity('-1').sign() == -1
isQuantity('1.3Gi') && isQuantity('Mi') && !isQuantity('1,3G') && !isQuantity('200K') && !isQuantity('10Mm') && !isQuantity(' 1') && !isQuantity('')
# formats
!format.dns1123Label().validate('my-label-name').hasValue() && format.dns1123Label().validate('a b').hasValue()
!format.qualifiedName().validate('apiextensions.k8s.io/v1beta1').hasValue() && !format.dns1123LabelPrefix().validate('my-label-prefix-').hasValue()
!format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue() && !format.byte().validate('aGVsbG8=').hasValue() && format.byte().validate('aGVsbG8').hasValue()
format.date().validate('2020-01-32').hasValue() && !format.datetime().validate('2020-01-01T00:00:00Z').hasValue() && !format.uri().validate('http://example.com').hasValue()
format.named('labelValue').value() == format.labelValue() && !format.named('unknown').hasValue() && format.uuid() != format.byte()
# strings
'abc 123'.find('[0-9]+') == '123' && 'abc 123'.find('xyz') == '' && 'abc 123'.find('[0-9]*') == ''
'123 abc 456'.findAll('[0-9]+') == ['123', '456'] && '123 abc 456'.findAll('[0-9]+', 1) == ['123'] && '1a'.findAll('[0-9]*') == ['1', '']
'hello hello'.replace('he', 'we', 1) == 'wello hello' && 'hello'.replace('l', '', 0) == 'hello' && 'ab'.replace('', '_') == '_a_b_'
'hello'.charAt(4) == 'o' && 'hello'.charAt(5) == '' && strings.quote('a"b\\n') == '"a\\\\"b\\\\n"'
'%s is %d, %x, %.1f%%'.format(['a', 255, 255, 1234.56]) == 'a is 255, ff, 1,234.6%'
'%s'.format([[1, 'a', {'b': true}]]) == '[1, "a", {"b":true}]' && '%s'.format([duration('90m')]) == '5400s'
# lists
[1, 2, 3].slice(1, 3) == [2, 3] && [[1], [2, 3]].flatten() == [1, 2, 3] && [[[1]]].flatten(2) == [1] && [1, 2].reverse() == [2, 1]
[1, 1, 2].distinct() == [1, 2] && [3, 1, 2].sort() == [1, 2, 3] && ['bb', 'a'].sortBy(one, one.size()) == ['a', 'bb'] && lists.range(3) == [0, 1, 2]
[1, 2].first().value() == 1 && [1, 2].last().value() == 2 && !object.list.filter(one, one > 5).first().hasValue()
# two variables
[1, 2, 3].all(i, v, i < v) && !{'hello': 'world', 'taco': 'taco'}.all(k, v, k != v) && object.map.all(k, v, v > 0 && k in ['a', 'b'])
{'greeting': 'hello', 'farewell': 'goodbye'}.exists(k, v, k.startsWith('good') || v.endsWith('bye')) && ![1, 2].exists(i, v, v == 2 && i == 0)
![1, 2, 1].existsOne(i, v, v == 1) && [1, 1, 2].exists_one(i, v, i == 2 && v == 2)
[1, 2, 3].transformList(i, v, i * v + v) == [1, 4, 9] && [1, 2, 3].transformList(i, v, i % 2 == 0, i * v + v) == [1, 9]
{'greeting': 'hello'}.transformMap(k, v, v + '!') == {'greeting': 'hello!'} && {'a': 'b'}.transformMapEntry(k, v, {v: k}) == {'b': 'a'}
{'h': ['hello', 'hi'], 'j': ['joke']}.all(k, list, list.all(v, v.startsWith(k)))
[0, 1].exists(i, v, object.missing == v || v == 1) && ![0, 1].all(i, v, object.missing == v && v == 0)
# what may not be there
object.?map.?a.optMap(v, v + 1).orValue(0) == 2 && object.?none.optMap(v, v + 1).orValue(0) == 0
object.?list.optFlatMap(l, l.first()).orValue(0) == 1 && !optional.ofNonZeroValue('').hasValue() && optional.ofNonZeroValue(1).value() == 1
# times
string(timestamp('2020-01-01T00:00:00.5Z')) == '2020-01-01T00:00:00.5Z' && int(timestamp('2020-01-01T00:00:00Z')) == 1577836800
`

test.each(TRUE.split('\n').filter(line => line !== '' && !line.startsWith('#')))('%s', text => {
  expect(run(text)).toBe(true)
})

test.each([
  "ip('127.0.0.256')",
  "cidr('192.168.0.0/')",
  "url('https://a:b:c/')",
  "semver('Three')",
  "quantity('10Mo')",
  "quantity('9999999999999999999999G').asInteger()",
  "'hello'.charAt(6)",
  '[1, 2].slice(1, 5)',
  'lists.range(100000000)',
  '[1, [2]].sort()',
  '[1, 1].transformMapEntry(i, v, {string(v): i})',
  '[0, 1].all(i, v, object.missing == v || v == 0)',
])('%s has no value', text => {
  expect(() => run(text)).toThrow()
})
