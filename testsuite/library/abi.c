/*
 * abi: structs of libtamis-sieve that programs fill or read may grow at their
 * ends and change in no other way: where each member stood when it came. For
 * 64 bits; also compiled as C++.
 */
#include <stddef.h>
#include <tamis/sieve.h>

#ifdef __cplusplus
#define AT(type, member, offset)                                               \
	static_assert(offsetof(struct type, member) == offset, #type #member)
#else
#define AT(type, member, offset)                                               \
	_Static_assert(offsetof(struct type, member) == (offset), #type #member)
#endif

#if UINTPTR_MAX == UINT64_MAX
AT(tamis_str, p, 0);
AT(tamis_str, len, 8);
AT(tamis_strs, v, 0);
AT(tamis_strs, n, 8);
AT(tamis_sieve_limits, size, 0);
AT(tamis_sieve_limits, script_bytes, 8);
AT(tamis_sieve_limits, string_bytes, 16);
AT(tamis_sieve_limits, nesting, 24);
AT(tamis_sieve_limits, errors, 32);
AT(tamis_sieve_limits, actions, 40);
AT(tamis_sieve_limits, redirects, 48);
AT(tamis_sieve_limits, notifies, 56);
AT(tamis_sieve_limits, includes, 64);
AT(tamis_sieve_limits, include_depth, 72);
AT(tamis_sieve_limits, variables, 80);
AT(tamis_sieve_limits, variable_octets, 88);
AT(tamis_sieve_limits, header_octets, 96);
AT(tamis_sieve_limits, body_octets, 104);
AT(tamis_sieve_limits, work, 112);
AT(tamis_sieve_diag, line, 0);
AT(tamis_sieve_diag, column, 4);
AT(tamis_sieve_diag, warning, 8);
AT(tamis_sieve_diag, name, 16);
AT(tamis_sieve_diag, message, 24);
AT(tamis_sieve_diag, hint, 40);
AT(tamis_sieve_diag, source, 56);
AT(tamis_sieve_diag, caret, 72);
AT(tamis_sieve_event, kind, 0);
AT(tamis_sieve_event, line, 4);
AT(tamis_sieve_event, column, 8);
AT(tamis_sieve_event, truth, 12);
AT(tamis_sieve_event, op, 16);
AT(tamis_sieve_event, detail, 32);
AT(tamis_sieve_event, value, 48);
AT(tamis_sieve_event, key, 64);
AT(tamis_sieve_event, target, 80);
AT(tamis_sieve_event, message, 96);
AT(tamis_sieve_mark, id, 0);
AT(tamis_sieve_mark, handle, 16);
AT(tamis_sieve_mark, seconds, 32);
AT(tamis_sieve_mark, last, 40);
AT(tamis_sieve_host, size, 0);
AT(tamis_sieve_host, ctx, 8);
AT(tamis_sieve_host, now, 16);
AT(tamis_sieve_host, sender, 24);
AT(tamis_sieve_host, rcpt, 40);
AT(tamis_sieve_host, auth, 56);
AT(tamis_sieve_host, detail_separator, 72);
AT(tamis_sieve_host, domain, 88);
AT(tamis_sieve_host, host, 104);
AT(tamis_sieve_host, location, 120);
AT(tamis_sieve_host, phase, 136);
AT(tamis_sieve_host, remote_ip, 152);
AT(tamis_sieve_host, remote_host, 168);
AT(tamis_sieve_host, script_name, 184);
AT(tamis_sieve_host, mailbox_exists, 200);
AT(tamis_sieve_host, special_use, 208);
AT(tamis_sieve_host, mailbox_by_id, 216);
AT(tamis_sieve_host, metadata, 224);
AT(tamis_sieve_host, script, 232);
AT(tamis_sieve_host, seen, 240);
AT(tamis_sieve_host, event, 248);
AT(tamis_sieve_action, verb, 0);
AT(tamis_sieve_action, flags, 4);
AT(tamis_sieve_action, line, 8);
AT(tamis_sieve_action, target, 16);
AT(tamis_sieve_action, header, 32);
AT(tamis_sieve_action, imapflags, 48);
AT(tamis_sieve_action, special_use, 64);
AT(tamis_sieve_action, text, 80);
AT(tamis_sieve_action, subject, 96);
AT(tamis_sieve_action, from, 112);
AT(tamis_sieve_action, id, 128);
AT(tamis_sieve_action, seconds, 144);
AT(tamis_sieve_action, addresses, 152);
AT(tamis_sieve_action, importance, 168);
AT(tamis_sieve_action, options, 176);
AT(tamis_sieve_action, fcc, 192);
AT(tamis_sieve_action, fcc_flags, 208);
AT(tamis_sieve_action, fcc_imapflags, 216);
AT(tamis_sieve_action, fcc_special_use, 232);
AT(tamis_sieve_action, dsn_notify, 248);
AT(tamis_sieve_action, dsn_ret, 264);
AT(tamis_sieve_action, deliver_by, 280);
AT(tamis_sieve_action, by_seconds, 288);
AT(tamis_sieve_action, by_mode, 296);
AT(tamis_sieve_action, by_trace, 300);
#endif
