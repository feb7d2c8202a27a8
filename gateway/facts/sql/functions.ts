/**
 * Functions of common databases by what they do beside giving a value. Lower case, without schema. A function that is
 * in none of these and not in `harmless` makes a query not read-only: databases hold functions of their owners'.
 */
function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Reach files, programs, settings, sessions or other machines. */
const outside =
  /^(?:pg_read_|pg_ls_|pg_stat_file|pg_write_|pg_file_|lo_(?:import|export|put|from|create|unlink)|dblink|http(?:_|$)|xp_|sp_|load_(?:file|extension)|sys_(?:exec|eval)|utl_|readfile|writefile|edit$|pg_(?:terminate|cancel|reload|rotate|promote|switch|logical|replication|create_|drop_|notify|sleep)|set_config|query_to_xml|database_to_xml|table_to_xml|cursor_to_xml|openrowset|opendatasource|openquery|benchmark$|sleep$|net_|copy_|s3_|aws_)/;

export function reachesOut(name: string): boolean {
  return outside.test(name);
}

const harmless = words(`
  count sum avg min max abs round ceil ceiling floor power sqrt mod sign trunc greatest least coalesce nullif ifnull nvl
  length char_length character_length octet_length lower upper initcap trim ltrim rtrim btrim substr substring left
  right position strpos instr replace translate concat concat_ws split_part lpad rpad reverse repeat md5 ascii chr char
  format to_char to_date to_number to_timestamp now current_date date time datetime julianday strftime date_trunc
  date_part extract age date_add date_sub datediff timestampdiff year month day hour minute second dayofweek week
  quarter make_date make_timestamp make_interval row_number rank dense_rank percent_rank cume_dist ntile lag lead
  first_value last_value nth_value array_agg string_agg group_concat json_agg jsonb_agg json_object_agg
  jsonb_object_agg json_build_object jsonb_build_object json_build_array jsonb_build_array json_extract
  json_extract_path json_extract_path_text jsonb_extract_path jsonb_extract_path_text json_array_length
  jsonb_array_length jsonb_array_elements json_array_elements jsonb_array_elements_text json_array_elements_text
  jsonb_each json_each jsonb_each_text json_each_text jsonb_object_keys json_object_keys jsonb_typeof json_typeof
  row_to_json to_json to_jsonb unnest array_length array_to_string string_to_array cardinality array_position any_value
  bool_and bool_or every bit_and bit_or stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop
  covar_samp regr_slope percentile_cont percentile_disc mode median total random generate_series typeof hex quote
  regexp_matches regexp_match regexp_replace regexp_split_to_array regexp_like starts_with like iif cast convert isnull
  overlay timezone bool date_bin similarity ts_rank to_tsvector to_tsquery plainto_tsquery websearch_to_tsquery width_bucket
  log ln exp degrees radians sin cos tan asin acos atan atan2 pi div gcd lcm
`);

export function isHarmless(name: string): boolean {
  return harmless.has(name);
}

/** Those of PostgreSQL and its usual extensions, as its parser names them. Any other stands for a function of the database's own. */
const operators: ReadonlySet<string> = new Set([
  ...words(`
    + - * / % ^ |/ ||/ ! !! & | # ~ << >> = == <> != < > <= >= || ~* !~ !~* ~~ ~~* !~~ !~~* ^@ -> ->> #> #>> #- @> <@ ? ?| ?&
    @ @@ @? && -|- <-> <#> <=> BETWEEN
  `),
  ...['NOT BETWEEN', 'BETWEEN SYMMETRIC', 'NOT BETWEEN SYMMETRIC'],
]);

export function isKnownOperator(name: string): boolean {
  return operators.has(name);
}
