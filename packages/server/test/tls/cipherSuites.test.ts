import assert from 'node:assert/strict'
import { test } from 'node:test'
import { opensslCipherName } from '../../src/tls/cipherSuites.ts'

test("Java's names of cipher suites are translated", () => {
  const names = {
    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
    TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: 'ECDHE-RSA-AES128-SHA256',
    TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
    TLS_DHE_RSA_WITH_AES_128_CBC_SHA256: 'DHE-RSA-AES128-SHA256',
    TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
    TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
    TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
    TLS_AES_256_GCM_SHA384: 'TLS_AES_256_GCM_SHA384',
    'ECDHE-RSA-AES128-GCM-SHA256': 'ECDHE-RSA-AES128-GCM-SHA256',
  }
  for (const [java, name] of Object.entries(names)) assert.equal(opensslCipherName(java), name)
})

test('A suite that this Node.js does not have has no name', () => {
  for (const name of ['TLS_RSA_WITH_NULL_MD5', 'TLS_KRB5_WITH_RC4_128_SHA', '', 'ALL:!aNULL']) {
    assert.equal(opensslCipherName(name), undefined)
  }
})
