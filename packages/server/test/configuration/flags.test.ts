import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { readJvmFlags } from '../../src/configuration/flags.ts'
import { describe } from '../../src/configuration/problems.ts'

suite('Flags for Java', () => {
  test('Properties of ZooKeeper are read of SERVER_JVMFLAGS and then of JVMFLAGS', () => {
    const flags = readJvmFlags({
      JVMFLAGS: '-Dzookeeper.snapCount=2',
      SERVER_JVMFLAGS: '-Dzookeeper.snapCount=1 -Djute.maxbuffer=3',
    })
    assert.deepEqual(
      flags.properties.map(({ property, value }) => `${property}=${value}`),
      ['zookeeper.snapCount=1', 'jute.maxbuffer=3', 'zookeeper.snapCount=2'],
    )
  })

  test('Words are split at blanks that no quote and no backslash keeps', () => {
    const JVMFLAGS = `"-Dzookeeper.superUser=a b"\n-Dzookeeper.superUser.1='c "d"'\\ e -Dzookeeper.superUser.2="\\"f\\"" -Dzookeeper.audit.enable`
    assert.deepEqual(
      readJvmFlags({ JVMFLAGS }).properties.map(({ value }) => value),
      ['a b', 'c "d" e', '"f"', ''],
    )
  })

  test('A value may hold an equals sign', () => {
    const [first] = readJvmFlags({ JVMFLAGS: '-Dzookeeper.X509AuthenticationProvider.superUser=CN=root' }).properties
    assert.equal(first?.value, 'CN=root')
  })

  test('A quote that is not closed is a problem of its variable', () => {
    const { problems, properties } = readJvmFlags({ SERVER_JVMFLAGS: "-Dzookeeper.snapCount=1 'x" })
    assert.deepEqual(problems.map(describe), [
      'SERVER_JVMFLAGS: a quote is not closed; close it or put a backslash before it',
    ])
    assert.deepEqual(properties, [])
  })

  test('What is not for ZooKeeper is ignored with one notice a group, which shows no values of properties', () => {
    const SERVER_JVMFLAGS =
      '-Xmx1000m -Xms1g -XX:MaxRAMPercentage=70 -Dcom.sun.management.jmxremote.password=x -Dfile.encoding=UTF-8 -XX:+UseG1GC -javaagent:a.jar'
    assert.deepEqual(readJvmFlags({ SERVER_JVMFLAGS }).notices.map(describe), [
      'SERVER_JVMFLAGS: ignored, memory of a JVM; Node.js takes NODE_OPTIONS=--max-old-space-size=MB: -Xmx1000m -Xms1g -XX:MaxRAMPercentage=70',
      'SERVER_JVMFLAGS: ignored, properties that are not ZooKeeper’s: -Dcom.sun.management.jmxremote.password -Dfile.encoding',
      'SERVER_JVMFLAGS: ignored, options of a JVM: -XX:+UseG1GC -javaagent:a.jar',
    ])
  })

  test('Any text is read', () => {
    fc.assert(fc.property(fc.string(), (JVMFLAGS) => void readJvmFlags({ JVMFLAGS })))
  })
})
