/** Certificates and stores for tests, made by openssl and keytool in a temporary folder. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'

export type KeyKind = 'rsa' | 'ec'

export interface Issued {
  /** PEM files. */
  readonly key: string
  readonly certificate: string
  readonly der: Buffer
}

export function openssl(...args: string[]): void {
  run('openssl', args)
}

export function keytool(...args: string[]): void {
  run('keytool', args)
}

/** @returns what the command wrote to its standard output */
export function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })
}

const ALGORITHM: Readonly<Record<KeyKind, readonly string[]>> = {
  rsa: ['-newkey', 'rsa:2048'],
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
}

export function makeAuthority(folder: string, name: string, kind: KeyKind = 'ec'): Issued {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)]
  const request = ['req', '-x509', '-nodes', ...ALGORITHM[kind], '-days', '30', '-subj', `/CN=${name}`]
  openssl(...request, '-keyout', key, '-out', certificate)
  return { key, certificate, der: derOf(certificate) }
}

export interface Issue {
  readonly folder: string
  readonly name: string
  readonly authority: Issued
  readonly kind?: KeyKind
  readonly subject?: string
  /** In openssl's form, e.g. `IP:127.0.0.1,DNS:localhost`. */
  readonly alternativeNames?: string
}

export function issue({
  folder,
  name,
  authority,
  kind = 'ec',
  subject = `/CN=${name}`,
  alternativeNames,
}: Issue): Issued {
  const [key, request, certificate] = ['key', 'csr', 'crt'].map((ending) => join(folder, `${name}.${ending}`))
  if (key === undefined || request === undefined || certificate === undefined) throw new Error('three files have names')
  const extensions = join(folder, `${name}.cnf`)
  writeFileSync(extensions, alternativeNames === undefined ? '' : `subjectAltName=${alternativeNames}\n`)
  openssl('req', '-new', '-nodes', ...ALGORITHM[kind], '-subj', subject, '-keyout', key, '-out', request)
  const signer = ['-CA', authority.certificate, '-CAkey', authority.key, '-CAcreateserial', '-days', '30']
  openssl('x509', '-req', '-in', request, ...signer, '-extfile', extensions, '-out', certificate)
  return { key, certificate, der: derOf(certificate) }
}

/** Puts files one after another into a new one. */
export function concatenate(target: string, ...files: readonly string[]): string {
  writeFileSync(target, Buffer.concat(files.map((file) => readFileSync(file))))
  return target
}

function derOf(certificate: string): Buffer {
  return new X509Certificate(readFileSync(certificate)).raw
}
