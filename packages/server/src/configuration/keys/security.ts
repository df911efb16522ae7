import { boolean, ensemble, family, fileOnly, java, list, path, secret, string, withProperty, yesNo } from './key.ts'
import type { KeyTable } from './key.ts'
import { quorumTlsKeys, tlsKeys } from './tls.ts'

/** Who may connect, who they are, what they may do, and TLS. */
export const security = {
  skipACL: yesNo('Whether access control lists are ignored.', { default: false }),
  'DigestAuthenticationProvider.enabled': boolean('Whether the scheme `digest` is there.', { default: true }),
  'DigestAuthenticationProvider.superDigest': secret('`super:` and the digest of the superuser.'),
  'DigestAuthenticationProvider.digestAlg': string('Hash of the scheme `digest`.', { default: 'SHA1' }),
  'X509AuthenticationProvider.superUser': string('Certificate subject that is the superuser.'),
  'IPAuthenticationProvider.usexforwardedfor': boolean(
    'Whether the scheme `ip` believes the header X-Forwarded-For of requests to the admin server.',
    { default: false },
  ),
  'SASLAuthenticationProvider.superPassword': secret('Password of the SASL user `super`.'),
  superUser: string('SASL user that is the superuser.'),
  'superUser.': family('N', 'A further SASL user that is the superuser.'),
  'authProvider.': family(
    'N',
    'Java class of an authentication provider; those of Apache for `x509`, `sasl`, `digest`, `ip` and `ensemble` turn on the scheme here.',
  ),
  letAnySaslUserDoX: string('SASL user whose entries in access control lists hold for every SASL user.'),
  'enforce.auth.enabled': boolean('Whether a client must authenticate before anything else.', { default: false }),
  'enforce.auth.schemes': list('Schemes of which one will do for `enforce.auth.enabled`.'),
  sessionRequireClientSASLAuth: boolean('Whether a client must authenticate by SASL before anything else.', {
    default: false,
  }),
  allowSaslFailedClients: boolean('Whether a client whose SASL authentication failed stays connected.', {
    default: false,
  }),
  'sasl.serverconfig': string('Section of the JAAS file that holds the SASL users.', { default: 'Server' }),
  'java.security.auth.login.config': withProperty(
    'java.security.auth.login.config',
    path('JAAS file with the SASL users and their passwords.'),
  ),
  enableEagerACLCheck: ensemble(
    boolean('Whether the server of a connection checks access before it forwards a write.', { default: false }),
  ),
  sslQuorum: ensemble(fileOnly(boolean('Whether servers talk to each other over TLS.', { default: false }))),
  portUnification: ensemble(
    fileOnly(boolean('Whether the ports between servers take TLS and clear text.', { default: false })),
  ),
  sslQuorumReloadCertFiles: ensemble(
    fileOnly(boolean('Whether renewed files of `ssl.quorum` are taken up without a restart.', { default: false })),
  ),
  'client.portUnification': boolean('Whether the client port in clear text takes TLS too.', { default: false }),
  'client.certReload': boolean('Whether renewed files of `ssl` are taken up without a restart.', { default: false }),
  ...tlsKeys('ssl', 'the secure client port'),
  ...quorumTlsKeys('ssl.quorum', 'the ports between servers and the admin server'),
  'ssl.authProvider': string('Scheme whose provider judges client certificates.', { default: 'x509' }),
  'ssl.sslProvider': java('string', 'JDK', 'TLS library of the Java process.', 'Node.js brings its own TLS'),
  'fips-mode': boolean('Whether certificate checks stay with the platform, as FIPS wants it.', { default: true }),
  'quorum.auth.enableSasl': ensemble(
    fileOnly(boolean('Whether servers know SASL among themselves.', { default: false })),
  ),
  'quorum.auth.learnerRequireSasl': ensemble(
    fileOnly(boolean('Whether a learner authenticates itself by SASL.', { default: false })),
  ),
  'quorum.auth.serverRequireSasl': ensemble(
    fileOnly(boolean('Whether a server insists on SASL of its learners.', { default: false })),
  ),
  'quorum.auth.learner.saslLoginContext': ensemble(
    fileOnly(string('Section of the JAAS file for learners.', { default: 'QuorumLearner' })),
  ),
  'quorum.auth.server.saslLoginContext': ensemble(
    fileOnly(string('Section of the JAAS file for servers that are asked.', { default: 'QuorumServer' })),
  ),
  'quorum.auth.kerberos.servicePrincipal': ensemble(
    fileOnly(string('Kerberos principal of the servers.', { default: 'zkquorum/localhost' })),
  ),
  'quorum.cnxn.threads.size': fileOnly(
    java('int', '20', 'Threads that authenticate election connections.', 'one event loop serves all connections'),
  ),
  ensembleAuthName: list('Names of this ensemble, of which a client may demand one with the scheme `ensemble`.'),
  enforceQuota: boolean('Whether a write beyond a hard quota is refused and one beyond a soft one logged.', {
    default: false,
  }),
  'audit.enable': boolean('Whether an audit log of changes is written.', { default: false }),
  'audit.impl.class': java(
    'string',
    'logging by slf4j',
    'Java class that writes the audit log.',
    'Java classes cannot be loaded here; see `meerkat.audit.file`',
  ),
} as const satisfies KeyTable
