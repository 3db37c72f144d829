import { describe, expect, it } from 'vitest'
import { type Directive, isBlock, listDirectives, pathOf } from './directives.ts'
import { ROOT_ROWS } from './rows/root.ts'

/**
 * The answer of every directive, by block. Written beside the rows, so that a directive neither vanishes nor changes its answer
 * unseen.
 */
const ANSWERS: readonly (readonly [block: string, answer: 'works' | 'later' | 'not here', names: string])[] =
  [
    [
      '',
      'works',
      'listen max_connections chunk_size daemon pid work_dir asprocess srs_log_tank srs_log_file srs_log_level srs_log_level_v2 utc_time pithy_print_ms grace_start_wait grace_final_wait grace_deadline force_grace_quit inotify_auto_reload auto_reload_for_docker disable_daemon_for_docker in_docker ff_log_dir ff_log_level server_id',
    ],
    ['rtmp', 'works', 'handshake_timeout setup_timeout ping_interval ping_timeout unannounced_codecs'],
    ['rtmps', 'works', 'enabled listen key cert'],
    ['http_server', 'works', 'enabled listen dir crossdomain'],
    ['http_server.https', 'works', 'enabled listen key cert'],
    [
      'http_api',
      'works',
      'enabled listen crossdomain page tokens trusted_origins call_rate_per_address call_burst_per_address failure_rate_per_address failure_burst_per_address',
    ],
    ['http_api.raw_api', 'works', 'enabled allow_reload'],
    ['http_api.raw_api', 'not here', 'allow_query allow_update'],
    ['http_api.auth', 'works', 'enabled username password'],
    ['http_api.https', 'works', 'enabled listen key cert'],
    ['listener', 'works', 'backlog tls_handshake_timeout unix_mode'],
    ['listener.proxy_protocol', 'works', 'enabled trusted kinds header_timeout'],
    [
      'limits',
      'works',
      'connections connections_per_address connect_rate_per_address connect_burst_per_address trusted_addresses streams',
    ],
    ['vhost', 'works', 'enabled chunk_size min_latency tcp_nodelay in_ack_size out_ack_size'],
    [
      'vhost.play',
      'works',
      'gop_cache gop_cache_max_frames queue_length queue_max_bytes stall_timeout time_jitter mix_correct atc atc_auto mw_latency audio_flush',
    ],
    ['vhost.play', 'not here', 'mw_msgs send_min_interval reduce_sequence_header'],
    [
      'vhost.publish',
      'works',
      'firstpkt_timeout normal_timeout takeover takeover_silence grace linger kickoff_for_idle',
    ],
    ['vhost.publish', 'not here', 'mr mr_latency parse_sps try_annexb_first'],
    ['vhost.refer', 'works', 'enabled all publish play'],
    ['vhost.security', 'works', 'enabled allow deny'],
    ['vhost.token', 'works', 'enabled require key key_file clock_skew'],
    [
      'vhost.jwt',
      'works',
      'enabled require jwks_file jwks_url issuer audience algorithms stream_claim actions_claim clock_skew refresh stale',
    ],
    [
      'vhost.hls',
      'works',
      'enabled hls_fragment hls_window hls_max_segment_bytes hls_max_held_bytes hls_ts_ctx',
    ],
    [
      'vhost.hls',
      'not here',
      'hls_ctx hls_td_ratio hls_aof_ratio hls_wait_keyframe hls_dts_directly hls_on_error hls_acodec hls_vcodec hls_storage hls_mount',
    ],
    [
      'vhost.hls',
      'later',
      'hls_path hls_m3u8_file hls_ts_file hls_ts_floor hls_entry_prefix hls_cleanup hls_dispose hls_nb_notify hls_keys hls_fragments_per_key hls_key_file hls_key_file_path hls_key_url',
    ],
    ['vhost.http_remux', 'works', 'enabled'],
    ['vhost.http_remux', 'later', 'mount fast_cache drop_if_not_match'],
    ['vhost.http_remux', 'not here', 'has_audio has_video guess_has_av hstrs'],
    ['vhost.http_static', 'later', 'enabled mount dir'],
    ['vhost.http_hooks', 'works', 'enabled on_connect on_close on_publish on_unpublish on_play on_stop'],
    ['vhost.http_hooks', 'later', 'on_dvr on_hls on_hls_notify'],
    [
      'hook_delivery',
      'works',
      'connections timeout when_unavailable retry_first retry_max max_age max_notifications max_notification_bytes folder secret_variable secret_file',
    ],
    [
      'vhost.cluster',
      'works',
      'mode origin origin_choice token_traverse vhost debug_srs_upnode protocol follow_client idle_timeout connect_timeout silence_timeout origin_cluster coworkers',
    ],
    ['vhost.forward', 'works', 'enabled destination backend tls_verify'],
    ['vhost.dvr', 'later', 'enabled dvr_apply dvr_path dvr_plan dvr_duration dvr_wait_keyframe time_jitter'],
    [
      'vhost.dash',
      'later',
      'enabled dash_fragment dash_update_period dash_timeshift dash_path dash_mpd_file dash_window_size dash_cleanup dash_dispose',
    ],
    ['vhost.hds', 'not here', 'enabled hds_fragment hds_window hds_path'],
    ['vhost.transcode', 'works', 'enabled ffmpeg'],
    [
      'vhost.transcode.engine',
      'works',
      'enabled perfile iformat oformat vfilter vcodec vbitrate vfps vwidth vheight vthreads vprofile vpreset vparams acodec abitrate asample_rate achannels aparams output',
    ],
    ['vhost.ingest', 'works', 'enabled on_demand idle_timeout ffmpeg'],
    ['vhost.ingest.input', 'works', 'type url'],
    [
      'vhost.ingest.engine',
      'works',
      'enabled perfile iformat oformat vfilter vcodec vbitrate vfps vwidth vheight vthreads vprofile vpreset vparams acodec abitrate asample_rate achannels aparams output',
    ],
    ['vhost.exec', 'works', 'enabled publish'],
    [
      'vhost.rtc',
      'later',
      'enabled nack nack_no_copy twcc stun_timeout stun_strict_check dtls_role dtls_version drop_for_pt rtmp_to_rtc keep_bframe keep_avc_nalu_sei opus_bitrate rtc_to_rtmp pli_for_rtmp aac_bitrate aac bframe',
    ],
    ['vhost.srt', 'later', 'enabled srt_to_rtmp'],
    ['vhost.bandcheck', 'later', 'enabled key interval interval_ms limit_kbps'],
    [
      'programs',
      'works',
      'max_programs max_programs_per_vhost failing_after stall_timeout stop_timeout max_log_bytes max_log_files',
    ],
    ['pithy_print', 'works', 'publish play'],
    ['pithy_print', 'not here', 'forwarder encoder hls'],
    ['', 'not here', 'is_full empty_ip_ok query_latest_version first_wait_for_qlv tcmalloc_release_rate'],
    ['threads', 'not here', 'interval'],
    [
      'circuit_breaker',
      'later',
      'enabled high_threshold high_pulse critical_threshold critical_pulse dying_threshold dying_pulse',
    ],
    ['exporter', 'works', 'enabled listen label tag max_streams'],
    ['heartbeat', 'works', 'enabled interval url device_id device_ip summaries ports'],
    ['stats', 'works', 'enabled network disk'],
    ['stream_caster', 'later', 'enabled caster output listen rtp_port_min rtp_port_max'],
    ['stream_caster.sip', 'later', 'enabled listen timeout reinvite candidate'],
    [
      'rtc_server',
      'later',
      'enabled listen protocol candidate use_auto_detect_network_ip ip_family api_as_candidates resolve_api_domain keep_api_domain ecdsa encrypt reuseport merge_nalus',
    ],
    ['rtc_server.tcp', 'later', 'enabled listen'],
    ['rtc_server.black_hole', 'later', 'enabled addr'],
    [
      'srt_server',
      'later',
      'enabled listen maxbw mss connect_timeout peer_idle_timeout default_app peerlatency recvlatency latency tsbpdmode tlpktdrop sendbuf recvbuf passphrase pbkeylen',
    ],
    ['tencentcloud_apm', 'not here', 'enabled team token endpoint service_name debug_logging'],
    [
      'tencentcloud_cls',
      'not here',
      'enabled label tag secret_id secret_key endpoint topic_id debug_logging heartbeat_ratio streams_ratio stat_heartbeat stat_streams',
    ],
  ]

function answerOf({ answer }: Directive): string {
  return answer === 'works' ? 'works' : 'later' in answer ? 'later' : 'not here'
}

describe('each directive', () => {
  const directives = listDirectives(ROOT_ROWS).filter(({ row }) => !isBlock(row))
  const answers = new Map(directives.map((directive) => [pathOf(directive), answerOf(directive)]))

  it.each(ANSWERS)('in %j has the answer %s: %s', (block, answer, names) => {
    for (const name of names.split(' ')) {
      const path = pathOf({ blocks: block === '' ? [] : [block], name })
      expect([path, answers.get(path)]).toEqual([path, answer])
    }
  })

  it('is in the table', () => {
    const listed = new Set(
      ANSWERS.flatMap(([block, , names]) =>
        names.split(' ').map((name) => pathOf({ blocks: block === '' ? [] : [block], name })),
      ),
    )
    expect([...answers.keys()].filter((path) => !listed.has(path))).toEqual([])
  })
})
