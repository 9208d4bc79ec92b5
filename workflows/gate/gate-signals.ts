import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import {
  SSH_GATE_EVICT,
  SSH_GATE_GRANTED,
  SSH_GATE_LOST,
  SSH_GATE_RELEASE,
  SSH_GATE_RENEW,
  SSH_GATE_REQUEST,
  SSH_GATE_STATE,
} from '../../contract';
import type {
  SshGateEvictInput,
  SshGateGrant,
  SshGateLoss,
  SshGateRenewal,
  SshGateRequest,
  SshGateState,
} from '../../contract';

/** What is said between a gate and its holders. Each may come twice, or late. */
export const gateRequestSignal = defineSignal<[SshGateRequest]>(SSH_GATE_REQUEST);
export const gateReleaseSignal = defineSignal<[{ readonly requestId: string }]>(SSH_GATE_RELEASE);
export const gateRenewSignal = defineSignal<[SshGateRenewal]>(SSH_GATE_RENEW);
export const gateGrantedSignal = defineSignal<[SshGateGrant]>(SSH_GATE_GRANTED);
export const gateLostSignal = defineSignal<[SshGateLoss]>(SSH_GATE_LOST);
export const gateStateQuery = defineQuery<SshGateState>(SSH_GATE_STATE);
export const gateEvictUpdate = defineUpdate<SshGateState, [SshGateEvictInput]>(SSH_GATE_EVICT);
