import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { concatenate, issue, makeAuthority } from '../../packages/server/test/tls/certificates.ts'
import { apache } from '../support/apache.ts'
import { meerkat } from '../support/meerkat.ts'
import { missingPeer } from '../support/peers.ts'
import { fourLetterWord, type ServerUnderTest, type StartServer } from '../support/server-process.ts'
import { temporaryFolder } from './program.ts'

describe('The admin server over TLS', { skip: missingPeer('openssl') ?? false }, () => {
  it('takes HTTPS alone, both, or only clients with a certificate', async (test) => {
    const folder = temporaryFolder(test)
    const authority = makeAuthority(folder, 'authority')
    const server = issue({ folder, name: 'server', authority, kind: 'rsa', alternativeNames: 'IP:127.0.0.1' })
    const client = issue({ folder, name: 'client', authority, kind: 'rsa' })
    const stores = {
      'ssl.quorum.keyStore.location': concatenate(join(folder, 'server.pem'), server.key, server.certificate),
      'ssl.quorum.trustStore.location': concatenate(join(folder, 'trust.pem'), authority.certificate),
    }
    const plain = async ({ adminPort }: ServerUnderTest): Promise<string> =>
      fetch(`http://127.0.0.1:${adminPort}/commands/ruok`).then(
        async (answer) => `${answer.status}`,
        () => 'refused',
      )
    const secure = ({ adminPort }: ServerUnderTest, identified: boolean): Promise<string> =>
      new Promise((resolve) => {
        const identity = identified ? { key: readFileSync(client.key), cert: readFileSync(client.certificate) } : {}
        const where = { host: '127.0.0.1', port: adminPort, path: '/commands/ruok', agent: false }
        const ca = readFileSync(authority.certificate)
        httpsRequest({ ...where, ca, ...identity }, (answer) => {
          answer.resume()
          resolve(String(answer.statusCode))
        })
          .on('error', () => resolve('refused'))
          .end()
      })
    const answers = async (settings: Readonly<Record<string, boolean>>): Promise<string[]> => {
      const started = await meerkat({ config: { ...stores, ...settings } })
      test.after(() => started.dispose())
      return [await plain(started), await secure(started, false), await secure(started, true)]
    }
    assert.deepEqual(await answers({ 'admin.forceHttps': true }), ['refused', '200', '200'])
    assert.deepEqual(await answers({ 'admin.portUnification': true }), ['200', '200', '200'])
    assert.deepEqual(await answers({ 'admin.forceHttps': true, 'admin.needClientAuth': true }), [
      'refused',
      'refused',
      '200',
    ])
  })
})

describe("Four-letter words, as Apache's server takes them", { skip: missingPeer('apache-3.9.4') ?? false }, () => {
  it('only from the whitelist, and the trace mask with its argument', async (test) => {
    const answers = async (make: StartServer): Promise<unknown[]> => {
      const server = await make({ config: { '4lw.commands.whitelist': 'ruok, stmk, gtmk' } })
      test.after(() => server.dispose())
      const all: unknown[] = []
      for (const word of ['ruok', 'ruok\n', 'conf', 'isro', 'RUOK', 'gtmk']) {
        all.push([word, await fourLetterWord(server, word).catch(String)])
      }
      all.push(await sendBytes(server, Buffer.from('stmk\0\0\0\0\0\0\0\x07')))
      all.push(await fourLetterWord(server, 'gtmk'))
      return all
    }
    assert.deepEqual(await answers(meerkat), await answers(apache('3.9.4')))
  })
})

function sendBytes({ port }: ServerUnderTest, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
    socket.on('error', reject).on('close', () => resolve(answer))
  })
}
