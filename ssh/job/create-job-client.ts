import { configError } from '../ssh-error';
import type { CreateJobClient } from './job-client';

/** Makes a client for the jobs of one host. */
export const createJobClient: CreateJobClient = (_pool, target) => {
  throw configError('SshConfigUnsupported', target.name, `${target.name}: jobs are not supported yet.`);
};
