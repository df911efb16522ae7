import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import type { RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { missingPeer } from '../../../../test/support/peers.ts'
import { makeAuthority } from '../tls/certificates.ts'
import { withAdmin } from './fakeAdmin.ts'

describe('the admin server over TLS', { skip: missingPeer('openssl') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'admin-tls-'))
  after(() => rmSync(folder, { recursive: true }))
  const authority = makeAuthority(folder, 'localhost')
  const [key, cert] = [readFileSync(authority.key), readFileSync(authority.certificate)]
  const tls = { key, cert }

  const secureGet = (base: string, options: RequestOptions = {}): Promise<{ status: number; security: unknown }> =>
    new Promise((resolve, reject) => {
      const url = `${base.replace('http:', 'https:')}/ruok`
      get(url, { ca: cert, servername: 'localhost', agent: false, ...options }, (response) => {
        response
          .resume()
          .on('end', () =>
            resolve({ status: response.statusCode ?? 0, security: response.headers['strict-transport-security'] }),
          )
      }).on('error', reject)
    })

  it('takes HTTPS alone where it is told so', () =>
    withAdmin({ transport: 'https', tls }, async (base) => {
      assert.deepEqual(await secureGet(base), { status: 200, security: 'max-age=86400; includeSubDomains' })
      await assert.rejects(fetch(`${base}/ruok`))
    }))

  it('takes both on one port, and counts those in the open', () =>
    withAdmin({ transport: 'both', tls }, async (base, { metrics }) => {
      assert.equal((await secureGet(base)).status, 200)
      assert.equal(metrics.insecure_admin_count.value, 0)
      const plain = await fetch(`${base}/ruok`)
      assert.equal(plain.headers.get('strict-transport-security'), null)
      assert.equal(plain.status, 200)
      assert.equal(metrics.insecure_admin_count.value, 1)
    }))

  it('can insist on a certificate of the client', () =>
    withAdmin(
      { transport: 'https', tls: { ...tls, ca: cert, requestCert: true, rejectUnauthorized: true } },
      async (base) => {
        await assert.rejects(secureGet(base))
        assert.equal((await secureGet(base, tls)).status, 200)
      },
    ))
})
