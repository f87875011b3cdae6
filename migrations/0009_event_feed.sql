-- The timeline as one gap-free feed of events: a place for every event in its tenant and in its subject, and who acted.

-- One row a tenant: whoever adds events holds it until the commit, so places are given in the order of commits and a
-- reader that has seen one place has seen every place before it.
CREATE TABLE event_feed (
  tenant_id text   NOT NULL,
  next_seq  bigint NOT NULL CHECK (next_seq >= 1),
  PRIMARY KEY (tenant_id)
);

ALTER TABLE timeline_event ADD COLUMN seq bigint;           -- place in the tenant's feed, from 1, without gaps
ALTER TABLE timeline_event ADD COLUMN subject_seq bigint;   -- place in the subject's story, from 1, without gaps
ALTER TABLE timeline_event ADD COLUMN actor text;           -- user_… or key_…; null: the channel by itself

-- What is on record already takes its place in the order of time.
UPDATE timeline_event AS e SET seq = n.seq, subject_seq = n.subject_seq
  FROM (SELECT tenant_id, subject, event_id,
               row_number() OVER (PARTITION BY tenant_id ORDER BY at, event_id, subject) AS seq,
               row_number() OVER (PARTITION BY tenant_id, subject ORDER BY at, event_id) AS subject_seq
          FROM timeline_event) AS n
 WHERE e.tenant_id = n.tenant_id AND e.subject = n.subject AND e.event_id = n.event_id;
INSERT INTO event_feed (tenant_id, next_seq)
  SELECT tenant_id, max(seq) + 1 FROM timeline_event GROUP BY tenant_id;

ALTER TABLE timeline_event ALTER COLUMN seq SET NOT NULL;
ALTER TABLE timeline_event ALTER COLUMN subject_seq SET NOT NULL;
CREATE UNIQUE INDEX timeline_event_by_seq ON timeline_event (tenant_id, seq);
CREATE UNIQUE INDEX timeline_event_by_subject ON timeline_event (tenant_id, subject, subject_seq);
