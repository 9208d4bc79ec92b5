import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createHostDirectory } from '../../../ssh/hosts';
import type { HostConfig } from '../../../ssh/hosts';
import { SshError } from '../../../ssh/ssh-error';
import type { SshTarget } from '../../../ssh/target';
import { makeScratch } from '../../support/scratch';
import type { Scratch } from '../../support/scratch';

const PIN = `SHA256:${'A'.repeat(43)}`;

function host(name: string, jump?: string | readonly string[]): HostConfig {
  return { address: `${name}.example`, user: 'u', credential: { password: 'p' }, hostKey: PIN, ...(jump && { jump }) };
}

function routeOf(target: SshTarget): readonly string[] {
  return [...(target.via ? routeOf(target.via) : []), target.name];
}

const HOSTS = {
  web: host('web', ['a', 'b']),
  plain: host('plain'),
  a: host('a', 'outer'),
  b: host('b', 'ignored'),
  outer: host('outer'),
  ignored: host('ignored'),
};

function message(hosts: Readonly<Record<string, HostConfig>>): string {
  try {
    createHostDirectory({ hosts });
  } catch (error) {
    assert.ok(error instanceof SshError);
    assert.equal(error.type, 'SshConfigInvalid');
    return error.message;
  }
  return assert.fail('it should have been refused');
}

describe('jump hosts in the configuration', () => {
  let scratch: Scratch;
  before(() => {
    scratch = makeScratch();
  });
  after(() => scratch.remove());

  it('make a route: the list in its order, before it the first hop by its own', async () => {
    const { resolve } = createHostDirectory({ hosts: HOSTS });
    assert.deepEqual(routeOf(await resolve('web')), ['outer', 'a', 'b', 'web']);
    assert.deepEqual(routeOf(await resolve('plain')), ['plain']);
  });

  it('work from a function too', async () => {
    const { resolve } = createHostDirectory((name) => HOSTS[name as keyof typeof HOSTS]);
    assert.deepEqual(routeOf(await resolve('web')), ['outer', 'a', 'b', 'web']);
    const missing = createHostDirectory((name) => (name === 'x' ? host('x', 'y') : undefined));
    await assert.rejects(missing.resolve('x'), (error) => error instanceof SshError && error.type === 'SshUnknownHost');
  });

  it('have a way of their own only where they come first', async () => {
    const proxied = { ...host('a'), proxyCommand: 'nc %h %p' };
    const hosts = { web: host('web', ['b', 'a']), near: host('near', 'a'), a: proxied, b: host('b') };
    const { resolve } = createHostDirectory({ hosts });
    assert.equal((await resolve('near')).via?.proxyCommand, 'nc a.example 22');
    assert.equal((await resolve('web')).via?.proxyCommand, undefined);
    assert.equal((await resolve('web')).via?.via?.name, 'b');
    const both = createHostDirectory(() => ({ ...proxied, jump: 'b' }));
    await assert.rejects(both.resolve('a'), /jump: expected either jump or proxyCommand, found both/);
  });

  it('tell targets with different routes apart', async () => {
    const one = await createHostDirectory({ hosts: HOSTS }).resolve('web');
    const direct = await createHostDirectory({ hosts: { ...HOSTS, web: host('web') } }).resolve('web');
    assert.notEqual(one.shareKey, direct.shareKey);
  });

  it('are refused when they lead in a circle, to nowhere, or too far', async () => {
    assert.match(message({ a: host('a', 'b'), b: host('b', 'a') }), /a\.jump: .*without a circle, found "a" twice/);
    assert.match(message({ a: host('a', 'a') }), /circle/);
    assert.match(message({ web: host('web', 'bastian'), bastion: host('bastion') }), /did you mean "bastion"\?/);
    const long = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`h${i}`, host(`h${i}`, `h${i + 1}`)]));
    assert.match(message({ ...long, h12: host('h12') }), /at most 8 hops/);
    const endless = createHostDirectory((name) => host(name, `${name}x`));
    await assert.rejects(endless.resolve('a'), /at most 8 hops/);
  });

  it('are read from a file', async () => {
    const text = `defaults: { user: u, credential: { password: { file: pw } }, hostKey: x }\nhosts: {}\n`;
    assert.throws(() => createHostDirectory(scratch.write('bad.yaml', text)), /hostKey/);
    const hosts = { hosts: { web: { ...host('web', 'hop'), credential: { password: { file: 'pw' } } } } };
    scratch.write('pw', 'secret');
    const hop = { ...host('hop'), credential: { password: { file: 'pw' } } };
    const file = scratch.write('hosts.json', JSON.stringify({ hosts: { ...hosts.hosts, hop } }));
    assert.deepEqual(routeOf(await createHostDirectory(file).resolve('web')), ['hop', 'web']);
  });
});
