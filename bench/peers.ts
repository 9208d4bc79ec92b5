import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PEER_SOURCES, goPeer, pythonWith } from './peer-cache';
import type { PeerOperation } from './peer-job';

/** One client that is measured. */
export interface Peer {
  readonly id: string;
  /** As tables call it. */
  readonly name: string;
  readonly operations: readonly PeerOperation[];
  /** It does one command after the other, whatever is asked. @default false */
  readonly oneAtATime?: boolean;
  /** Each run takes so long that it is given this share of the work. @default 1 */
  readonly share?: number;
  /** Its program and arguments; fails with why it cannot be had. */
  readonly prepare: () => Promise<readonly [string, ...string[]]>;
}

const ALL: readonly PeerOperation[] = ['connect', 'exec', 'read', 'hold', 'upload', 'download'];
const NO_FILES = ALL.filter((operation) => operation !== 'upload' && operation !== 'download');
const STEPS: readonly PeerOperation[] = ['connect', 'exec'];

const GO_VERSION = '0.59.0';
const ASYNCSSH = '2.24.1';
const PARAMIKO = '4.0.0';
const FABRIC = '3.2.3';
const PARALLEL_SSH = '2.16.0.post1';
const ANSIBLE = '2.19.14';
const PYINFRA = '3.10.0';

type Prepare = Peer['prepare'];

const node =
  (script: string, ...args: readonly string[]): Prepare =>
  async () => [process.execPath, '--expose-gc', join(__dirname, 'peers', script), ...args];

const python =
  (name: string, version: string, script: string, ...args: readonly string[]): Prepare =>
  async () => [await pythonWith(name, version), join(PEER_SOURCES, 'python', script), ...args];

/** OpenSSH's client of this machine, driven by its Python. */
const openssh =
  (...args: readonly string[]): Prepare =>
  async () => {
    for (const program of ['python3', 'ssh', 'sftp']) {
      if (spawnSync(program, ['-V'], { stdio: 'ignore' }).error) throw new Error(`${program} is not installed`);
    }
    return ['python3', join(PEER_SOURCES, 'python', 'openssh_peer.py'), ...args];
  };

/** Ours, and everything that it is measured beside. */
export const PEERS: readonly Peer[] = [
  { id: 'ours', name: 'temporal-ssh engine', operations: ALL, prepare: node('ours.js') },
  { id: 'ssh2', name: 'ssh2 as it comes', operations: NO_FILES, prepare: node('ssh2.js', 'as-it-comes') },
  { id: 'ssh2-nodelay', name: 'ssh2, TCP_NODELAY', operations: NO_FILES, prepare: node('ssh2.js', 'no-delay') },
  { id: 'ssh2-tuned', name: 'ssh2, also key at once', operations: NO_FILES, prepare: node('ssh2.js', 'tuned') },
  {
    ...{ id: 'go', name: `Go x/crypto/ssh ${GO_VERSION}`, operations: NO_FILES },
    prepare: async () => [await goPeer(GO_VERSION)],
  },
  {
    ...{ id: 'asyncssh', name: `AsyncSSH ${ASYNCSSH}`, operations: ALL },
    prepare: python('asyncssh', ASYNCSSH, 'asyncssh_peer.py'),
  },
  {
    ...{ id: 'paramiko', name: `Paramiko ${PARAMIKO}`, operations: ALL },
    prepare: python('paramiko', PARAMIKO, 'paramiko_peer.py'),
  },
  {
    ...{ id: 'fabric', name: `Fabric ${FABRIC}`, operations: STEPS },
    prepare: python('fabric', FABRIC, 'fabric_peer.py'),
  },
  {
    ...{ id: 'parallel-ssh', name: `parallel-ssh ${PARALLEL_SSH}`, operations: STEPS, oneAtATime: true },
    prepare: python('parallel-ssh', PARALLEL_SSH, 'parallel_ssh_peer.py'),
  },
  {
    ...{ id: 'openssh', name: 'OpenSSH, one process each', operations: ['connect', 'read', 'upload', 'download'] },
    prepare: openssh('fresh'),
  },
  {
    ...{ id: 'openssh-aes', name: 'OpenSSH, curve25519 and AES-GCM', operations: ['connect', 'read'] },
    prepare: openssh('fresh', '-o', 'KexAlgorithms=curve25519-sha256', '-o', 'Ciphers=aes128-gcm@openssh.com'),
  },
  {
    ...{ id: 'openssh-master', name: 'OpenSSH, ControlMaster', operations: ['exec'] },
    prepare: openssh('master'),
  },
  {
    ...{ id: 'ansible-raw', name: `Ansible ${ANSIBLE}, raw`, operations: STEPS, oneAtATime: true, share: 0.1 },
    prepare: python('ansible-core', ANSIBLE, 'ansible_peer.py', 'raw'),
  },
  {
    ...{ id: 'ansible', name: `Ansible ${ANSIBLE}, command`, operations: STEPS, oneAtATime: true, share: 0.1 },
    prepare: python('ansible-core', ANSIBLE, 'ansible_peer.py', 'command'),
  },
  {
    ...{ id: 'pyinfra', name: `pyinfra ${PYINFRA}`, operations: ['connect'], share: 0.1 },
    prepare: python('pyinfra', PYINFRA, 'pyinfra_peer.py'),
  },
];
