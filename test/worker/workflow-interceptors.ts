import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** As users have them, for tracing and the like: marks what is scheduled. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity: async (input, next) =>
        next({ ...input, options: { ...input.options, summary: `traced: ${input.options.summary ?? ''}` } }),
    },
  ],
});
