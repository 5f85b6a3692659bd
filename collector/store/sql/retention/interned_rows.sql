select (select count(*) from resources) + (select count(*) from scopes)
