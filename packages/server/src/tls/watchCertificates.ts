import type { FileWatch } from './watchFiles.ts'
import { watchFiles } from './watchFiles.ts'
import { messageOf } from './keyStore.ts'
import type { TlsContext, TlsSettings } from './tlsContext.ts'
import { createTlsContext, tlsFiles } from './tlsContext.ts'

export interface CertificateWatchOptions {
  readonly settings: TlsSettings
  /** Takes the new context into use: `server.setSecureContext(context.secureContextOptions)`. */
  readonly apply: (context: TlsContext) => void
  readonly log: { info(message: string): void; error(message: string): void }
  /** How often the files are looked at; 2000 by default. */
  readonly intervalMs?: number
}

/**
 * Takes renewed key and trust stores into use for the connections to come (`client.certReload`). Files that cannot be used
 * leave everything as it was and give one line in the log; so does a store that is caught half-written, which the next
 * look finds whole.
 */
export function watchCertificates({ settings, apply, log, intervalMs }: CertificateWatchOptions): FileWatch {
  const { prefix } = settings
  const onChange = async (): Promise<void> => {
    try {
      apply(await createTlsContext(settings))
      log.info(`the renewed files of ${prefix}.keyStore and ${prefix}.trustStore are in use from now on`)
    } catch (error) {
      log.error(`certificates stay as they were, since the renewed files cannot be used: ${messageOf(error)}`)
    }
  }
  return watchFiles({ files: tlsFiles(settings), onChange, ...(intervalMs === undefined ? {} : { intervalMs }) })
}
