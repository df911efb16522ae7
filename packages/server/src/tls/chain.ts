import { X509Certificate } from 'node:crypto'
import type { KeyAndChain } from './keyStore.ts'

/**
 * The certificate of the key, then its issuer, and so on as far as the store has them: the order in which TLS sends them.
 *
 * @returns null if the store has no certificate of the key
 */
export function orderedChain({ key, chain }: KeyAndChain): X509Certificate[] | null {
  const certificates = chain.map((der) => new X509Certificate(der))
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key))
  if (leaf === undefined) return null
  const ordered = [leaf]
  for (let last = leaf; ;) {
    const issuer = certificates.find((candidate) => !ordered.includes(candidate) && last.checkIssued(candidate))
    if (issuer === undefined) return ordered
    ordered.push(issuer)
    last = issuer
  }
}
