// Resource: one kind of thing that costs a request; kept within a bound, shared while it loads, told to its readers.

import { signal } from "@preact/signals";
import { AnswerError } from "./api";
import { lostBy } from "./connection";

export interface Policy<A, T> {
  readonly key: (asked: A) => string;
  /** How much is kept: so many things, or so much of what they weigh. */
  readonly keep: number;
  readonly weigh?: (thing: T) => number;
  readonly inUse?: (thing: T) => boolean;
  readonly dispose?: (thing: T) => void;
  /** Milliseconds after which an answer is given up; else it is waited for as long as someone wants it. */
  readonly patience?: number;
  /** What readers are told of that which the server does not have; it is not gathered again. */
  readonly nothing?: T;
}

interface Waiting<T> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  waiters: number;
}

/** Of those who ask for their readers: they do not leave. */
const NEVER = new AbortController().signal;

export class Resource<A, T> {
  /** Counts what readers have been told: who reads `known` is called again by it. */
  readonly version = signal(0);
  private readonly kept = new Map<string, T>();
  /** Keys of what readers know: kept, or refused by the server. */
  private readonly told = new Set<string>();
  private readonly waiting = new Map<string, Waiting<T>>();
  private cost = 0;

  constructor(
    private readonly fetch: (asked: A, signal: AbortSignal) => Promise<T>,
    private readonly policy: Policy<A, T>,
  ) {}

  /** From memory. */
  held(asked: A): T | undefined {
    const key = this.policy.key(asked);
    const thing = this.kept.get(key);
    if (thing !== undefined) {
      this.kept.delete(key);
      this.kept.set(key, thing);
    }
    return thing;
  }

  /** From memory, for readers that are to be called again when more has been gathered. */
  known(asked: A): T | undefined {
    void this.version.value;
    return this.held(asked) ?? (this.told.has(this.policy.key(asked)) ? this.policy.nothing : undefined);
  }

  /** From memory, or from a request that is under way, or a new one; given up when its last waiter leaves. */
  async load(asked: A, signal: AbortSignal): Promise<T> {
    return this.held(asked) ?? this.wait(asked, signal);
  }

  /** Asks for all of them in parallel and tells the readers once. Never fails: what went wrong may be asked again. */
  async gather(asked: readonly A[], signal = NEVER): Promise<void> {
    const untold = asked.filter((one) => !this.told.has(this.policy.key(one)));
    const answers = await Promise.allSettled(untold.map((one) => this.load(one, signal)));
    if (!signal.aborted) this.tell(untold, answers);
  }

  /** Asks again for what may have grown; readers keep what they have until then. */
  async renew(asked: A): Promise<void> {
    this.tell([asked], await Promise.allSettled([this.wait(asked, NEVER)]));
  }

  private tell(asked: readonly A[], answers: readonly PromiseSettledResult<T>[]): void {
    const before = this.told.size;
    answers.forEach((answer, at) => {
      const key = this.policy.key(asked[at] as A);
      if (answer.status === "fulfilled" ? this.kept.has(key) : this.isRefusal(answer.reason)) this.told.add(key);
    });
    if (this.told.size > before) this.version.value += 1;
  }

  private isRefusal(reason: unknown): boolean {
    if (reason instanceof AnswerError) return this.policy.nothing !== undefined;
    if (!lostBy(reason)) console.debug("convviz: no answer", reason);
    return false;
  }

  private wait(asked: A, signal: AbortSignal): Promise<T> {
    const key = this.policy.key(asked);
    const waiting = this.waiting.get(key) ?? this.start(key, asked);
    waiting.waiters += 1;
    return new Promise<T>((resolve, reject) => {
      const aborted = (): void => {
        this.leave(key, waiting);
        reject(signal.reason);
      };
      if (signal.aborted) return aborted();
      signal.addEventListener("abort", aborted, { once: true });
      waiting.result.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
    });
  }

  private leave(key: string, waiting: Waiting<T>): void {
    waiting.waiters -= 1;
    if (waiting.waiters > 0) return;
    this.forget(key, waiting);
    waiting.stop.abort();
  }

  private start(key: string, asked: A): Waiting<T> {
    const stop = new AbortController();
    const { patience } = this.policy;
    const late = (): void => stop.abort(new DOMException("The server took too long to answer.", "TimeoutError"));
    const timer = patience === undefined ? undefined : setTimeout(late, patience);
    const result = this.fetch(asked, stop.signal).then((thing) => {
      if (stop.signal.aborted) {
        this.policy.dispose?.(thing);
        throw stop.signal.reason;
      }
      this.keep(key, thing);
      return thing;
    });
    const waiting: Waiting<T> = { result, stop, waiters: 0 };
    this.waiting.set(key, waiting);
    const done = (): void => {
      clearTimeout(timer);
      this.forget(key, waiting);
    };
    result.then(done, done);
    return waiting;
  }

  private forget(key: string, waiting: Waiting<T>): void {
    if (this.waiting.get(key) === waiting) this.waiting.delete(key);
  }

  private keep(key: string, thing: T): void {
    this.drop(key);
    this.kept.set(key, thing);
    this.cost += this.weigh(thing);
    for (const [old, other] of this.kept) {
      if (this.cost <= this.policy.keep) break;
      if (old !== key && !this.policy.inUse?.(other)) this.drop(old);
    }
  }

  private drop(key: string): void {
    const thing = this.kept.get(key);
    if (thing === undefined) return;
    this.kept.delete(key);
    this.told.delete(key);
    this.cost -= this.weigh(thing);
    this.policy.dispose?.(thing);
  }

  private weigh(thing: T): number {
    return this.policy.weigh?.(thing) ?? 1;
  }
}
