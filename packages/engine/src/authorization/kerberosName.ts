/**
 * Whether SASL can have a user of this name (server.auth.KerberosName): anything without `@`; otherwise
 * `service[/host]@realm`, each part without `/` and `@`.
 */
export function isKerberosName(name: string): boolean {
  return !name.includes('@') || /^[^/@]*(\/[^/@]*)?@[^/@]*$/.test(name)
}
