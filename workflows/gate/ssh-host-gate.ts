import {
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  log,
  scheduleActivity,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { SignalDefinition } from '@temporalio/workflow';
import { gateNameProblems, gateRequestProblems, parseDuration } from '../../contract';
import type {
  OptionProblem,
  SshGateEvictInput,
  SshGateHolder,
  SshGateHoldersResult,
  SshGateInput,
  SshGateRequest,
} from '../../contract';
import { invalidOptions } from '../invalid-options';
import { GateBook, evictionReason } from './gate-book';
import { gateDetails } from './gate-details';
import {
  gateEvictUpdate,
  gateGrantedSignal,
  gateLostSignal,
  gateReleaseSignal,
  gateRenewSignal,
  gateRequestSignal,
  gateStateQuery,
} from './gate-signals';

const IDLE_MS = 5 * 60_000;
const REQUESTS_PER_RUN = 500;
// Holders and, for those that would only hold up others, the first that wait.
const CHECKED = 50;

/**
 * The gate of one host, or of anything that has a name: who asks for a lease gets it in turn, alone or with others that
 * share it. `withHost` speaks to it; its workflow id is `ssh-host-gate/<name>`.
 *
 * It ends by itself when nobody has held or waited for some minutes. A cancellation does not end it: its holders would
 * not know. A lease is taken away with the update `sshGateEvict`.
 */
export async function sshHostGate(input: SshGateInput): Promise<void> {
  const problems = gateNameProblems((input as SshGateInput | undefined)?.name);
  if (problems.length > 0) throw invalidOptions('sshHostGate', '', problems);
  return CancellationScope.nonCancellable(() => keepGate(input));
}

async function keepGate(input: SshGateInput): Promise<void> {
  const { name, requestsPerRun = REQUESTS_PER_RUN } = input;
  const idleMs = parseDuration(input.idle) ?? IDLE_MS;
  const book = new GateBook(name, input.state);
  let changed = true;
  let activeAt = Date.now();
  let checking = false;
  let checkedAt = 0;
  let requests = 0;
  let signals = 0;

  const touch = (): void => {
    changed = true;
    activeAt = Date.now();
  };
  // By workflow id alone: a holder that was reset or continued as new has another run id now, and is still to be told.
  const tell = <A>(holder: SshGateHolder, signal: SignalDefinition<[A]>, said: A & { requestId: string }): void => {
    const { workflowId } = holder;
    signals += 1;
    void CancellationScope.nonCancellable(async () => getExternalWorkflowHandle(workflowId).signal(signal, said))
      .catch((error: unknown) => {
        log.warn('a holder is gone', { workflowId, reason: String(error) });
        book.remove(said.requestId);
      })
      .finally(() => {
        signals -= 1;
        touch();
      });
  };
  const grant = (requestId: string): void => {
    const lease = book.lease(requestId);
    if (!lease) return;
    if (lease.lost === undefined)
      tell(lease.holder, gateGrantedSignal, { name, requestId, expiresAt: lease.expiresAt });
    else tell(lease.holder, gateLostSignal, { requestId, reason: lease.lost });
  };
  const check = async (): Promise<void> => {
    checking = true;
    const asked = [...book.state.holders, ...book.state.waiting].slice(0, CHECKED);
    const gone = await goneOf(asked.map(({ holder }) => holder));
    for (const { requestId, holder } of asked) {
      // A holder may have continued as new meanwhile, and be another run.
      const now = book.lease(requestId)?.holder ?? holder;
      if (now.runId === holder.runId && gone.some(({ runId }) => runId === holder.runId)) book.remove(requestId);
    }
    checking = false;
    checkedAt = Date.now();
    touch();
  };
  const checkDue = (): number => (checking ? Infinity : checkedAt + (book.checkMs ?? Infinity));

  setHandler(gateStateQuery, () => book.state);
  setHandler(gateRequestSignal, (request: SshGateRequest) => {
    touch();
    requests += 1;
    const wrong = gateRequestProblems(request);
    if (wrong.length > 0) {
      log.warn('a request is not valid', { problems: wrong });
      return;
    }
    const { requestId, holder } = request;
    const outcome = book.request(request, Date.now());
    if (outcome === 'held') grant(requestId);
    if (outcome === 'full') tell(holder, gateLostSignal, { requestId, reason: 'too many wait for it' });
  });
  setHandler(gateReleaseSignal, (release: { readonly requestId: string } | undefined) => {
    touch();
    book.remove(String(release?.requestId));
  });
  setHandler(gateRenewSignal, (renewal) => {
    touch();
    const { requestId, leaseMs, holder } = renewal ?? {};
    const ms = parseDuration(leaseMs);
    if (ms === undefined || typeof holder?.workflowId !== 'string') return;
    if (book.lease(requestId)) {
      book.renew(requestId, ms, Date.now());
      grant(requestId);
    } else tell(holder, gateLostSignal, { requestId, reason: 'the gate does not know it' });
  });
  setHandler(
    gateEvictUpdate,
    (evict) => {
      touch();
      const { requestId, by, reason } = evict;
      const holder = book.evict(evict, Date.now());
      log.warn('taken away', { requestId, by, reason });
      if (holder) tell(holder, gateLostSignal, { requestId, reason: evictionReason(by, reason) });
      return book.state;
    },
    { validator: (evict: SshGateEvictInput | undefined) => checkEviction(book, evict) }
  );

  for (;;) {
    changed = false;
    for (const { requestId } of book.expire(Date.now())) grant(requestId);
    for (const { requestId } of book.admit(Date.now())) grant(requestId);
    // At once where somebody waits for the first time: whoever holds may have been terminated long ago.
    if (checkDue() <= Date.now()) void check();
    setCurrentDetails(gateDetails(book.state));
    if (signals === 0 && !checking && allHandlersFinished()) {
      // Whatever has come in was handled before; what comes in now makes the server refuse this end.
      if (book.empty && Date.now() - activeAt >= idleMs) return;
      if (requests >= requestsPerRun || workflowInfo().continueAsNewSuggested) {
        const { holders, waiting, evictions } = book.state;
        await continueAsNew<typeof sshHostGate>({ ...input, state: { holders, waiting, evictions } });
      }
    }
    const times = [book.nextEnd ?? Infinity, checkDue(), book.empty ? activeAt + idleMs : Infinity];
    const next = Math.min(...times);
    await condition(() => changed, Math.max(1, next - Date.now()));
  }
}

/** What cannot be found out now is asked again at the next time. */
async function goneOf(holders: readonly SshGateHolder[]): Promise<readonly SshGateHolder[]> {
  try {
    const { gone } = await scheduleActivity<SshGateHoldersResult>('sshGateHolders', [{ holders }], {
      startToCloseTimeout: '1m',
      scheduleToCloseTimeout: '5m',
      summary: 'do the holders still run?',
    });
    return gone;
  } catch (error) {
    log.warn('the holders could not be looked up', { reason: String(error) });
    return [];
  }
}

function checkEviction(book: GateBook, evict: SshGateEvictInput | undefined): void {
  const { requestId, by, reason } = evict ?? ({} as Partial<SshGateEvictInput>);
  const problems: OptionProblem[] = [];
  if (typeof requestId !== 'string' || !book.knows(requestId)) {
    const expected = 'the request id of one that holds or waits';
    problems.push({ option: 'requestId', expected, found: String(requestId) });
  }
  for (const [option, value] of Object.entries({ by, reason })) {
    if (typeof value === 'string' && value !== '' && value.length <= 500) continue;
    problems.push({ option, expected: 'a string of 1 to 500 characters', found: typeof value });
  }
  if (problems.length > 0) throw invalidOptions('sshGateEvict', book.name, problems);
}
