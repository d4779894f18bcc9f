package core

// link is a place in a list, kept inside the thing that is listed, so that
// taking it out needs no search.
type link[T any] struct {
	prev, next *link[T]
	list       *list[T]
	item       T
}

// list is a doubly linked list of things that carry a link.
type list[T any] struct {
	head, tail *link[T]
	size       int
}

func (l *list[T]) push(k *link[T], item T) {
	k.item, k.list, k.prev, k.next = item, l, l.tail, nil
	if l.tail == nil {
		l.head = k
	} else {
		l.tail.next = k
	}
	l.tail = k
	l.size++
}

// insert puts k where the order wants it. Things come mostly in order, or before
// all others.
func (l *list[T]) insert(k *link[T], item T, before func(a, b T) bool) {
	if l.tail == nil || before(l.tail.item, item) {
		l.push(k, item)
		return
	}
	at := l.head
	for before(at.item, item) {
		at = at.next
	}
	k.item, k.list, k.prev, k.next = item, l, at.prev, at
	if at.prev == nil {
		l.head = k
	} else {
		at.prev.next = k
	}
	at.prev = k
	l.size++
}

// remove takes k out of the list it is in, if any.
func (k *link[T]) remove() {
	l := k.list
	if l == nil {
		return
	}
	if k.prev == nil {
		l.head = k.next
	} else {
		k.prev.next = k.next
	}
	if k.next == nil {
		l.tail = k.prev
	} else {
		k.next.prev = k.prev
	}
	l.size--
	k.list, k.prev, k.next = nil, nil, nil
}

func (k *link[T]) listed() bool { return k.list != nil }

// items copies the list, for loops that change it.
func (l *list[T]) items() []T {
	out := make([]T, 0, l.size)
	for k := l.head; k != nil; k = k.next {
		out = append(out, k.item)
	}
	return out
}
