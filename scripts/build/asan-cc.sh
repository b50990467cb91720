#!/bin/sh
# The C compiler of an AddressSanitizer build: what goes into the host is instrumented, what goes into cargo's build
# scripts (whose output lies outside a target's folder) is not.
case " $* " in
*-unknown-linux-gnu/*) exec cc -fsanitize=address "$@" ;;
*) exec cc "$@" ;;
esac
