import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';

/** What an order is about. */
export interface Order {
  readonly id: string;
  readonly item: string;
  readonly amount: number;
}

/** Functions of the shop itself. Each may run twice with the same order and does its work once. */
export interface ShopActivities {
  reserve(order: Order): Promise<void>;
  release(order: Order): Promise<void>;
  charge(order: Order): Promise<void>;
  refund(order: Order): Promise<void>;
}

/** A shop whose books are files, so that what is left of an order can be looked at. */
export function shopActivities(directory: string): ShopActivities {
  const book = (name: string, { id }: Order): string => {
    mkdirSync(join(directory, name), { recursive: true });
    return join(directory, name, id);
  };
  return {
    reserve: async (order) => writeFileSync(book('reserved', order), order.item),
    release: async (order) => rmSync(book('reserved', order), { force: true }),
    charge: async (order) => {
      if (order.amount <= 0) throw ApplicationFailure.nonRetryable(`an amount of ${order.amount}`, 'InvalidAmount');
      writeFileSync(book('charged', order), String(order.amount));
    },
    refund: async (order) => {
      rmSync(book('charged', order), { force: true });
    },
  };
}

/** What the shop has on its books of an order. */
export function onTheBooks(directory: string, { id }: Order): readonly string[] {
  return ['reserved', 'charged'].filter((name) => {
    try {
      return readFileSync(join(directory, name, id), 'utf8') !== '';
    } catch {
      return false;
    }
  });
}
