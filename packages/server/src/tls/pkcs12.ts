/**
 * PKCS12, the format of keytool since Java 9 and of `openssl pkcs12`.
 *
 * Node's own `pfx` option reads neither stores that hold nothing but certificates, nor what older tools encrypted with RC2.
 * The library for it is loaded only when there is such a store.
 */
import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { pkcs12 } from 'node-forge'
import { derElement } from '../authentication/der.ts'
import type { StoreContents } from './keyStore.ts'

type Forge = typeof import('node-forge')

/** Java marks certificates that are trusted with this attribute. */
const TRUSTED_KEY_USAGE = '2.16.840.1.113894.746875.1.1'

/** @throws Error if the password is wrong or the file damaged */
export async function readPkcs12(bytes: Buffer, password: string): Promise<StoreContents> {
  const { default: forge } = await import('node-forge')
  const bags = openStore(forge, bytes, password).safeContents.flatMap(({ safeBags }) => safeBags)
  const { keyBag, pkcs8ShroudedKeyBag, certBag } = forge.pki.oids
  const certificates = bags
    .filter(({ type }) => type === certBag)
    .map((bag) => ({ bag, der: certificateOf(forge, bag) }))
  const keys = bags
    .filter(({ type }) => type === keyBag || type === pkcs8ShroudedKeyBag)
    .map((bag) => keyOf(forge, bag))
  const chain = certificates.map(({ der }) => der)
  // Without Java's marks, as openssl writes them, the certificates that belong to no key are the trusted ones.
  const marked = certificates.filter(({ bag }) => hasAttribute(bag, TRUSTED_KEY_USAGE))
  const trusted = marked.length > 0 ? marked : certificates.filter(({ bag }) => !hasAttribute(bag, 'localKeyId'))
  return { identities: keys.map((key) => ({ key, chain })), trusted: trusted.map(({ der }) => der) }
}

function openStore(forge: Forge, bytes: Buffer, password: string): pkcs12.Pkcs12Pfx {
  derElement(bytes)
  const structure = forge.asn1.fromDer(forge.util.createBuffer(bytes.toString('latin1')))
  try {
    return forge.pkcs12.pkcs12FromAsn1(structure, false, password)
  } catch (cause) {
    throw new Error(`the password is wrong, or the file is damaged (${cause instanceof Error ? cause.message : ''})`, {
      cause,
    })
  }
}

function hasAttribute(bag: pkcs12.Bag, name: string): boolean {
  const attributes: unknown = bag.attributes
  return typeof attributes === 'object' && attributes !== null && Object.hasOwn(attributes, name)
}

/** The library understands RSA and leaves the rest as it stands in the file. */
function keyOf(forge: Forge, bag: pkcs12.Bag): KeyObject {
  if (bag.key) return createPrivateKey(forge.pki.privateKeyToPem(bag.key))
  return createPrivateKey({ key: derOf(forge, bag.asn1), format: 'der', type: 'pkcs8' })
}

function certificateOf(forge: Forge, bag: pkcs12.Bag): Buffer {
  return derOf(forge, bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1)
}

function derOf(forge: Forge, structure: pkcs12.Bag['asn1']): Buffer {
  return Buffer.from(forge.asn1.toDer(structure).getBytes(), 'latin1')
}
