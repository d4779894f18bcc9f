import { Subject, catchError, concatMap, debounceTime, firstValueFrom, from, interval, lastValueFrom, map, mergeMap, of, retry, scan, take, throwError, timer, toArray, zip } from 'rxjs'

export default async () => {
  const subject = new Subject()
  const collected = lastValueFrom(subject.pipe(debounceTime(3), toArray()))
  subject.next(1)
  subject.next(2)
  subject.complete()
  let tries = 0
  return [
    await lastValueFrom(from([1, 2, 3]).pipe(concatMap((n) => timer(1).pipe(map(() => n * 2))), scan((a, b) => a + b, 0), toArray())), await lastValueFrom(interval(1).pipe(take(3), toArray())), await collected,
    await firstValueFrom(throwError(() => new Error('x')).pipe(catchError((e) => of(e.message)))), await lastValueFrom(zip(of(1, 2), of('a', 'b')).pipe(toArray())),
    await lastValueFrom(of(0).pipe(mergeMap(async () => { if (++tries < 3) throw new Error('again'); return tries }), retry(5))), await firstValueFrom(new Subject().pipe(take(0))).catch((e) => e.name),
  ]
}
