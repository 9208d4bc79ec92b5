#!/bin/sh
# The warehouse's own program: it packs an item that is there, and prints the number of the parcel.
echo "asked for $2" >> log
grep -qxF "$2" stock || { echo "no $2 in stock" >&2; exit 3; }
echo "packed $2 for $1" >> log
echo "parcel-$(grep -c '^packed' log)"
